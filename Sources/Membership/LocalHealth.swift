/// How much this node trusts itself as an observer (Lifeguard's local health multiplier).
///
/// A node that is starved of processor time sees everybody else fail. It notices by missing
/// answers that it should get, and then probes more slowly and waits longer before it accuses.
package struct LocalHealth: Equatable, Sendable {
    private let scoreMax: Int
    /// Zero is well.
    package private(set) var score = 0

    package init(scoreMax: Int) { self.scoreMax = scoreMax }

    /// What the probe interval and the suspicion are multiplied by.
    package var multiplier: Int { score + 1 }

    package mutating func improve() { score = max(0, score - 1) }

    package mutating func worsen(by amount: Int = 1) { score = min(scoreMax, score + amount) }
}
