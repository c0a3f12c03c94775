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
            guard let entry = entry(of: index, in: partition, notAbove: podium.third.cost)
            else { continue }
            podium.offer(entry)
        }
        return podium
    }

    /// The place of the best one among the candidates, of which there must be one.
    func winner(in partition: Int) -> Int { Int(podium(in: partition).first.index) }

    /// Those of `partitions` whose best candidate is the one at `index`, in the same order.
    ///
    /// The others are asked only until one is better. Plain loops: thousands are looked at at once,
    /// in debug builds too.
    func partitions(_ partitions: [PartitionID], wonBy index: Int) -> [PartitionID] {
        let draws = draws
        var won: [PartitionID] = []
        var place = 0
        while place < partitions.count {
            let partition = UInt64(truncatingIfNeeded: partitions[place].value)
            let cost = cost(SplitMix64.mix(draws[index].hash ^ partition), draws[index].scale)
            var other = 0
            while other < draws.count {
                let draw = draws[other]
                let fraction = SplitMix64.mix(draw.hash ^ partition)
                if (~fraction >> 32) &* draw.scale <= cost, other != index {
                    let otherCost = self.cost(fraction, draw.scale)
                    if otherCost < cost || (otherCost == cost && other < index) { break }
                }
                other += 1
            }
            if other == draws.count { won.append(partitions[place]) }
            place += 1
        }
        return won
    }

    /// Nil only when it costs more than `costMax`.
    ///
    /// A straight line below the logarithm turns nearly all candidates away cheaply.
    @inline(__always)
    func entry(of index: Int, in partition: Int, notAbove costMax: UInt64) -> Podium.Entry? {
        let fraction = fraction(of: index, in: partition)
        guard (~fraction >> 32) &* draws[index].scale <= costMax else { return nil }
        return entry(fraction: fraction, index: index)
    }

    @inline(__always)
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
        let cost = cost(fraction, draws[index].scale)
        return Podium.Entry(cost: cost, index: UInt16(truncatingIfNeeded: index))
    }

    @inline(__always)
    private func cost(_ fraction: UInt64, _ scale: UInt64) -> UInt64 {
        NegativeLog2.of(fraction, table: table) &* scale
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
