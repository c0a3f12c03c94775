import Primitives

/// One number for all that has happened in a run, in its order: two runs with the same number were
/// the same.
struct RunTrace: Equatable {
    private(set) var hash: UInt64 = 0
    private(set) var count = 0

    /// Takes in one event.
    mutating func note(_ kind: Kind, at instant: Instant, _ first: Int, _ second: Int = 0) {
        count += 1
        combine(UInt64(bitPattern: instant.nanoseconds))
        combine(UInt64(kind.rawValue))
        combine(UInt64(bitPattern: Int64(first)))
        combine(UInt64(bitPattern: Int64(second)))
    }

    /// Takes in what was carried: its length and its last bytes, which of a datagram are its code.
    mutating func note(_ bytes: [UInt8]) {
        var last = UInt64(bytes.count)
        for byte in bytes.suffix(8) { last = last << 8 ^ UInt64(byte) }
        combine(last)
    }

    private mutating func combine(_ value: UInt64) {
        hash = SplitMix64.mix(hash &+ value &+ 0x9E37_79B9_7F4A_7C15)
    }

    /// What happens in a world.
    enum Kind: UInt8 {
        case turn
        case segment
        case end
        case datagram
        case connection
        case reset
        case work
    }
}
