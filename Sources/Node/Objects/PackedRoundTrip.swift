import Primitives

/// What a client's ping took last, in four bytes: in microseconds, up to an hour; nil before the first.
struct PackedRoundTrip {
    /// The greatest number is none.
    private var microseconds = UInt32.max

    var duration: Duration? {
        get { microseconds == .max ? nil : .microseconds(Int64(microseconds)) }
        set {
            microseconds = newValue.map { UInt32(clamping: $0.nanoseconds / 1_000) } ?? .max
        }
    }
}
