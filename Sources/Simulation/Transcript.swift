package import Primitives

/// What happened in a run, as a hash of all of it and the text of the end of it.
///
/// Two runs of one seed must give one hash: a difference is a clock, a random source or an
/// unordered collection that got into what must be pure.
package struct Transcript: Sendable {
    /// So many lines are kept.
    package let lineCountMax: Int
    /// Depends on everything recorded and its order.
    package private(set) var hash: UInt64 = 0
    private var kept: [String] = []
    private var oldest = 0

    package init(lineCountMax: Int) { self.lineCountMax = lineCountMax }

    /// The last lines, oldest first.
    package var lines: [String] { Array(kept[oldest...] + kept[..<oldest]) }

    /// Mixes a number into the hash of the run.
    package mutating func record(_ number: UInt64) {
        hash = SplitMix64.mix(hash &+ number &+ 0x9E37_79B9_7F4A_7C15)
    }

    package mutating func record(_ bytes: some Collection<UInt8>) {
        var sum = UInt64(bytes.count)
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        record(sum)
    }

    /// Keeps a line for whoever reads a failure; costs nothing when no lines are kept.
    package mutating func note(at now: Instant, _ text: @autoclosure () -> String) {
        guard lineCountMax > 0 else { return }
        let line = "\(Double(now.nanoseconds / 1_000) / 1e6) \(text())"
        guard kept.count == lineCountMax else { return kept.append(line) }
        kept[oldest] = line
        oldest = (oldest + 1) % lineCountMax
    }
}
