import Placement
import Primitives

/// From whom this node has had its partitions lately.
struct OwnershipGains: Sendable {
    /// Views of which that is known, at most; the oldest ones are forgotten.
    static let countMax = 16

    private struct Gain: Sendable {
        let partitions: PartitionSet
        let from: RecordStanding
        let until: Instant
        /// Who has gone since, and had to leave behind what it held.
        var gone: Set<NodeRun> = []
    }

    private var gains: [Gain] = []

    /// A gain is remembered for `time`.
    mutating func enter(
        _ new: RecordStanding,
        from former: RecordStanding,
        now: Instant,
        for time: Duration
    ) {
        forget(at: now)
        let partitions = new.view.partitions(gainedBy: new.local, since: former.view)
        if !partitions.isEmpty, !former.runs.isEmpty {
            let until = now.advanced(by: time)
            gains.append(Gain(partitions: partitions, from: former, until: until))
            if gains.count > Self.countMax { gains.removeFirst() }
        }
        let gone = former.runs.map { NodeRun(id: $0.key, incarnation: $0.value) }
            .filter { new.isGone($0, since: former) }
        for index in gains.indices { gains[index].gone.formUnion(gone) }
    }

    mutating func forget(at now: Instant) { gains.removeAll { $0.until <= now } }

    func origin(of slot: ObjectSlot) -> RecordOrigin? {
        // There may be another gain of the partition, of other classes.
        let gain = gains.last {
            $0.partitions.contains(slot.partition) && !$0.from.isOwner(of: slot)
        }
        guard let gain, let run = gain.from.owner(of: slot) else { return nil }
        return RecordOrigin(isPlanned: !gain.gone.contains(run), node: run.id)
    }
}
