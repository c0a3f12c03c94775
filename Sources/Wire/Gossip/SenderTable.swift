import Primitives

/// What was heard from each sender, for a bounded number of them.
struct SenderTable: Sendable {
    private struct Record {
        var sender: NodeID
        var incarnation: Incarnation
        var window: ReplayWindow
        /// The turn of the table at which this sender was last heard.
        var lastUse: UInt64
    }

    private let capacity: Int
    private var records: [Record] = []
    private var places: [NodeID: Int] = [:]
    private var turn: UInt64 = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a table for no sender: \(capacity)")
        self.capacity = capacity
    }

    /// Notes `envelope` as heard, or throws why it should not be heard.
    mutating func accept(_ envelope: GossipEnvelope) throws(GossipRefusal) {
        turn += 1
        guard let place = places[envelope.sender] else { return insert(envelope) }
        guard envelope.incarnation >= records[place].incarnation else {
            throw .olderIncarnation(envelope.incarnation)
        }
        if envelope.incarnation > records[place].incarnation {
            records[place] = record(of: envelope)
        } else if records[place].window.accept(envelope.sequence) {
            records[place].lastUse = turn
        } else {
            throw .replayed(sequence: envelope.sequence)
        }
    }

    private mutating func insert(_ envelope: GossipEnvelope) {
        if records.count < capacity {
            places[envelope.sender] = records.count
            records.append(record(of: envelope))
        } else if let place = records.indices.min(by: isLessRecent) {
            places[records[place].sender] = nil
            places[envelope.sender] = place
            records[place] = record(of: envelope)
        }
    }

    private func isLessRecent(_ first: Int, _ second: Int) -> Bool {
        records[first].lastUse < records[second].lastUse
    }

    private func record(of envelope: GossipEnvelope) -> Record {
        Record(
            sender: envelope.sender,
            incarnation: envelope.incarnation,
            window: ReplayWindow(first: envelope.sequence),
            lastUse: turn
        )
    }
}
