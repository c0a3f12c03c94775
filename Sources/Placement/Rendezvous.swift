import Primitives

/// Weighted rendezvous: in every partition each candidate draws a cost, and the lowest ones win.
///
/// A cost is `-log2(u) / weight`, where `u` is a fraction that only the partition and the candidate
/// decide. Those are exponential draws with the weights as rates, so a candidate wins its share of
/// the partitions exactly, and a change of one candidate moves only what it wins or loses (Thaler
/// and Ravishankar 1998; weights: Schindler and Schomaker 2005).
struct Rendezvous: Sendable {
    /// How many candidates of each partition are kept: the owner and two replicas.
    static let rankCount = 3

    private let draws: [Draw]
    private let table = NegativeLog2.table

    /// What one candidate draws with.
    private struct Draw: Sendable {
        /// Its own hash.
        let hash: UInt64
        /// 2^25 divided by its weight.
        let scale: UInt64
    }

    /// The `candidates` all have a weight above 0.
    init(candidates: [Candidate]) {
        draws = candidates.map {
            Draw(hash: $0.hash, scale: (1 << 25) / UInt64($0.member.weight))
        }
    }

    /// The best of all candidates in `partition`.
    func podium(in partition: Int) -> Podium {
        var podium = Podium()
        for index in draws.indices {
            let fraction = fraction(of: index, in: partition)
            // A straight line below the logarithm: it turns nearly all candidates away cheaply.
            let costMin = (~fraction >> 32) &* draws[index].scale
            guard costMin <= podium.third.cost else { continue }
            podium.offer(entry(fraction: fraction, index: index))
        }
        return podium
    }

    /// The place of the best one among the candidates, of which there must be one.
    func winner(in partition: Int) -> Int {
        var best = Podium.Entry.none
        // A plain loop: this is asked for thousands of partitions at once, in debug builds too.
        var index = 0
        while index < draws.count {
            let fraction = fraction(of: index, in: partition)
            if (~fraction >> 32) &* draws[index].scale <= best.cost {
                best = min(best, entry(fraction: fraction, index: index))
            }
            index += 1
        }
        return Int(best.index)
    }

    func entry(of index: Int, in partition: Int) -> Podium.Entry {
        entry(fraction: fraction(of: index, in: partition), index: index)
    }

    @inline(__always)
    private func fraction(of index: Int, in partition: Int) -> UInt64 {
        SplitMix64.mix(draws[index].hash ^ UInt64(truncatingIfNeeded: partition))
    }

    /// At most 2^38 times 2^25, so nothing overflows.
    @inline(__always)
    private func entry(fraction: UInt64, index: Int) -> Podium.Entry {
        let cost = NegativeLog2.of(fraction, table: table) &* draws[index].scale
        return Podium.Entry(cost: cost, index: UInt16(truncatingIfNeeded: index))
    }
}

/// A member that takes part in the draws: its weight is above 0.
struct Candidate: Comparable, Sendable {
    let member: PlacementMember
    let hash: UInt64

    init?(_ member: PlacementMember) {
        guard member.weight > 0 else { return nil }
        self.member = member
        hash = member.hash
    }

    /// By hash: so the lower index is the lower hash, and wins a tie.
    static func < (first: Candidate, second: Candidate) -> Bool {
        (first.hash, first.member.id) < (second.hash, second.member.id)
    }
}

/// The three candidates with the lowest costs in one partition.
struct Podium {
    struct Entry: Comparable {
        /// Where there is no candidate.
        static let none = Entry(cost: .max, index: .max)

        let cost: UInt64
        let index: UInt16

        @inline(__always)
        static func < (first: Entry, second: Entry) -> Bool {
            first.cost < second.cost || (first.cost == second.cost && first.index < second.index)
        }
    }

    private(set) var first = Entry.none
    private(set) var second = Entry.none
    private(set) var third = Entry.none

    @inline(__always)
    mutating func offer(_ entry: Entry) {
        if entry < first {
            (first, second, third) = (entry, first, second)
        } else if entry < second {
            (second, third) = (entry, second)
        } else if entry < third {
            third = entry
        }
    }
}
