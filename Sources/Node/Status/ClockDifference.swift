/// How far the clock of a node is from that of the node that has asked it for its figures.
///
/// The time of day, which leases do not use: it stands in log lines and events, alarms wait for it,
/// and tokens of clients end by it.
package struct ClockDifference: Codable, Equatable, Sendable {
    /// From here on the log lines of two nodes are in another order than what they tell of.
    static let milliseconds = 1_000

    /// How far it is ahead; negative where it is behind.
    package var aheadMilliseconds: Int
    /// By so much it may be less or more: half of the time that the answer took.
    package var errorMilliseconds: Int

    package init(aheadMilliseconds: Int, errorMilliseconds: Int) {
        self.aheadMilliseconds = aheadMilliseconds
        self.errorMilliseconds = errorMilliseconds
    }

    /// A node wrote `theirs` into its answer to a question that was asked at `asked` and whose answer
    /// was here at `answered`, all in milliseconds since 1970; nil where that makes no sense.
    init?(theirs: Int64, asked: Int64, answered: Int64) {
        let (roundTrip, isTooFar) = answered.subtractingReportingOverflow(asked)
        guard !isTooFar, roundTrip >= 0 else { return nil }
        let (ahead, isTooMuch) = theirs.subtractingReportingOverflow(asked + roundTrip / 2)
        guard !isTooMuch else { return nil }
        self.init(aheadMilliseconds: Int(ahead), errorMilliseconds: Int((roundTrip + 1) / 2))
    }

    /// Whether it is more than the measuring could be wrong by, and than nobody minds.
    package var isTooMuch: Bool {
        let (ahead, error) = (aheadMilliseconds.magnitude, errorMilliseconds.magnitude)
        return ahead > error && ahead - error > Self.milliseconds.magnitude
    }

    /// `3.2 s ahead of`, `0.01 s behind`: before the name of the other one.
    package var text: String {
        let seconds = HumanUnits.apart(milliseconds: aheadMilliseconds.magnitude)
        return aheadMilliseconds < 0 ? "\(seconds) behind" : "\(seconds) ahead of"
    }
}

extension HumanUnits {
    /// `12 ms`, `3.2 s`, `2h 13m`, whichever of two is later.
    fileprivate static func apart(milliseconds: UInt) -> String {
        switch milliseconds {
        case ..<1_000: "\(milliseconds) ms"
        case ..<60_000: seconds(milliseconds: Int(milliseconds))
        default: duration(seconds: Double(milliseconds) / 1_000)
        }
    }
}
