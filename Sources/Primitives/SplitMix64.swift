/// A small seeded generator: the same seed gives the same numbers for ever, on every machine.
///
/// Not for secrets. The algorithm is Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators" (OOPSLA 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// The finaliser by itself: spreads every bit of `value` over all 64.
    ///
    /// Inlined, for tables of owners ask for millions.
    @inlinable @inline(__always)
    package static func mix(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
