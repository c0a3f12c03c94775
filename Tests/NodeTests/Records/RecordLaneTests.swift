import Cluster
import Placement
import Primitives
import Testing
import Wire

@testable import Node

/// What a peer sends as records.
@Suite(.onTestLoop) struct RecordLaneTests {
    private func batch(from node: NodeID, _ key: ObjectKey) -> RecordBatch {
        RecordBatch(
            purpose: .handOver,
            epoch: Epoch(1),
            sender: NodeRun(id: node, incarnation: Incarnation(1)),
            records: [
                ObjectRecord(
                    key: key,
                    revision: ObjectRecord.Revision(epoch: Epoch(1), counter: 1),
                    since: Epoch(1),
                    alarms: [ObjectRecord.Alarm(name: "", scheduledAt: 0, dueAt: .max / 8)]
                )
            ]
        )
    }

    private func code(of event: LaneMachine.Event?) -> UInt16? {
        switch event {
        case .closed(_, let code, _), .reset(_, let code): code
        default: nil
        }
    }

    @Test func `a batch that was taken is acknowledged by the end of its stream`() throws {
        let fixture = try SocketNotesFixture()
        let batch = batch(from: ObjectHostFixture.other, fixture.key)
        #expect(try code(of: fixture.send(records: batch.encoded)) == LinkCode.normal)
        #expect(fixture.shard.host.records.book.count == 1)
    }

    @Test func `bytes that are no batch, or another node's, change a counter and nothing else`()
        throws
    {
        let fixture = try SocketNotesFixture()
        let key = fixture.key
        let right = batch(from: ObjectHostFixture.other, key).encoded
        let wrong = [
            [], [0], Array(right.dropLast()), right + [0],
            batch(from: ObjectHostFixture.local, key).encoded,
            [UInt8](repeating: 0, count: RecordBatch.bytesMax + 1),
        ]
        for bytes in wrong {
            #expect(try code(of: fixture.send(records: bytes)) == LinkCode.protocolError)
        }
        #expect(fixture.shard.tally["bad_records"] == UInt64(wrong.count))
        #expect(fixture.shard.host.records.book.count == 0)
        #expect(try code(of: fixture.send(records: right)) == LinkCode.normal)
    }
}
