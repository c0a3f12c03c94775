/// Counts of things that were dropped or refused, by reason.
///
/// Reasons are fixed words from our own code, never a peer's bytes, so their number is bounded.
package struct Tally: Equatable, Sendable {
    package private(set) var counts: [String: UInt64] = [:]

    package init() {}

    /// Counts `amount` more of `reason`.
    package mutating func count(_ reason: StaticString, by amount: UInt64 = 1) {
        counts[reason.description, default: 0] += amount
    }

    /// Adds the counts of `other`, reason by reason.
    package mutating func add(_ other: Tally) {
        counts.merge(other.counts) { $0 + $1 }
    }

    package subscript(reason: String) -> UInt64 { counts[reason] ?? 0 }
}
