import Primitives

/// How long a member takes to answer, estimated as TCP does (RFC 6298 section 2).
struct RoundTrip: Equatable, Sendable {
    private var smoothedMicroseconds: UInt32 = 0
    private var deviationMicroseconds: UInt32 = 0

    /// The usual time, or nil before the first answer.
    var smoothed: Duration? {
        smoothedMicroseconds == 0 ? nil : .microseconds(smoothedMicroseconds)
    }

    /// About the 99th percentile: three mean deviations above the mean.
    var slow: Duration? {
        smoothed.map { $0 + .microseconds(3 * Int64(deviationMicroseconds)) }
    }

    mutating func measure(_ sample: Duration) {
        let microseconds = UInt32(clamping: max(1, sample.nanoseconds / 1_000))
        guard smoothedMicroseconds != 0 else {
            smoothedMicroseconds = microseconds
            deviationMicroseconds = microseconds / 2
            return
        }
        let error = Int64(microseconds) - Int64(smoothedMicroseconds)
        let deviation = Int64(deviationMicroseconds)
        deviationMicroseconds = UInt32(clamping: deviation + (abs(error) - deviation) / 4)
        smoothedMicroseconds = UInt32(clamping: max(1, Int64(smoothedMicroseconds) + error / 8))
    }
}
