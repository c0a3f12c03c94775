import Cluster
import Placement
import Primitives
import Transport

// How records reach the loops of other nodes.
extension Shard: RecordTransport {
    func send(
        _ batch: RecordBatch,
        to node: NodeID,
        ended: @escaping @Sendable (RecordDelivery) -> Void
    ) {
        let partition = PartitionID(UInt16(truncatingIfNeeded: index))
        guard let lane = lane(to: node, for: partition) else { return ended(.lost) }
        lane.run { $0.send(batch, ended: ended) }
    }

    /// Hands each record of a peer to the loop of its object; `completed` is told whether all of
    /// them were taken, on any loop.
    func take(_ batch: RecordBatch, completed: @escaping @Sendable (Bool) -> Void) {
        var parts: [(shard: LoopBound<Shard>, batch: RecordBatch)] = []
        for record in batch.records {
            let shard = shard(of: routes.view.partition(of: record.key))
            if let index = parts.firstIndex(where: { $0.shard.isSame(as: shard) }) {
                parts[index].batch.records.append(record)
            } else {
                let part = RecordBatch(
                    purpose: batch.purpose,
                    epoch: batch.epoch,
                    sender: batch.sender,
                    records: [record]
                )
                parts.append((shard, part))
            }
        }
        guard !parts.isEmpty else { return completed(true) }
        let answers = LoopBound(RecordAnswers(parts.count, completed), on: loop)
        for (shard, part) in parts {
            shard.run { shard in
                let isTaken = shard.host.records.receive(part)
                answers.run { $0.take(isTaken) }
            }
        }
    }
}

/// What the loops say, until all have spoken.
private final class RecordAnswers {
    private var missing: Int
    private var areTaken = true
    private let completed: (Bool) -> Void

    init(_ count: Int, _ completed: @escaping (Bool) -> Void) {
        missing = count
        self.completed = completed
    }

    func take(_ isTaken: Bool) {
        areTaken = areTaken && isTaken
        missing -= 1
        if missing == 0 { completed(areTaken) }
    }
}
