/// What a measurement has found; times in microseconds unless named otherwise.
package struct BenchReport: Codable, Equatable, Sendable {
    /// How long something took.
    package struct Times: Codable, Equatable, Sendable {
        package var count: UInt64
        package var mean: Double
        package var p50: Double
        package var p90: Double
        package var p99: Double
        package var p999: Double
        package var max: Double

        init?(_ histogram: LatencyHistogram) {
            guard histogram.count > 0 else { return nil }
            func at(_ share: Double) -> Double { Double(histogram.percentile(share)) / 1e3 }
            count = histogram.count
            mean = histogram.mean / 1e3
            (p50, p90, p99, p999) = (at(0.5), at(0.9), at(0.99), at(0.999))
            max = Double(histogram.max) / 1e3
        }
    }

    /// What should not have happened.
    package struct Faults: Codable, Equatable, Sendable {
        /// Connections that ended before they should, and why the first one did.
        package var lost = 0
        package var firstEnd: String?
        /// Attempts of `connect` that failed.
        package var notOpened = 0
        /// Messages with other bytes than were sent.
        package var wrong = 0
        package var unexpected = 0
        /// Messages that had not come when the drain time was over.
        package var unanswered = 0
        /// Messages that were due and not sent, for too many waited.
        package var unsent = 0
        /// Deliveries of a fan-out that a later one overtook, and those that came out of order.
        package var missing = 0
        package var disordered = 0

        package init() {}

        package var isEmpty: Bool { self == Faults() }
    }

    /// What the server's processes used, all together.
    package struct Server: Codable, Equatable, Sendable {
        package var pids: [Int32]
        /// While it was measured.
        package var cpuSeconds: Double
        package var completedPerCpuSecond: Double?
        /// Resident memory before the connections were opened, once they were, and at the end.
        package var residentBytesBefore: Int
        package var residentBytesOpen: Int
        package var residentBytesEnd: Int
        /// The peak of each, whenever it was.
        package var peakBytes: Int
        package var bytesPerConnection: Int
    }

    package var work: String
    package var urls: [String]
    package var connections: Int
    package var threads: Int
    package var pipeline: Int
    package var payloadBytes: Int
    package var text: Bool
    /// Messages in a second that should be sent; nil is as many as came back.
    package var rate: Int?
    package var copies: Int
    package var seconds: Double
    package var openSeconds: Double
    /// Echoes, deliveries, or connections opened and closed.
    package var completed: Int
    package var completedPerSecond: Double
    package var latency: Times?
    /// How much later than it was due each message was given to its connection.
    package var sendDelay: Times?
    package var faults: Faults
    /// Processor time of this side's threads while it was measured.
    package var clientCpuSeconds: Double
    /// The part of the time for which the thread with the least to spare ran, and could have run but
    /// had no processor.
    package var clientBusy: Double
    package var clientWaiting: Double
    /// This side had no time left: the figures are its own, not the server's.
    package var clientSaturated: Bool
    package var server: Server?

    /// A thread that runs, or could, for this part of the time counts as saturated.
    package static let saturation = 0.9
}
