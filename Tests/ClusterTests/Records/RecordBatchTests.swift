import Cluster
import Placement
import Primitives
import Testing

@Suite struct RecordBatchTests {
    private func batch() throws -> RecordBatch {
        RecordBatch(
            purpose: .handOver,
            epoch: Epoch(9),
            sender: NodeRun(id: try #require(NodeID("node-a")), incarnation: Incarnation(5)),
            records: [
                ObjectRecord(
                    key: try RecordPair.object("x"),
                    revision: ObjectRecord.Revision(epoch: Epoch(7), counter: 3),
                    since: Epoch(6),
                    alarms: [
                        ObjectRecord.Alarm(name: "", scheduledAt: -1, dueAt: 2),
                        ObjectRecord.Alarm(name: "b", scheduledAt: 3, dueAt: 4, attempt: 6),
                    ],
                    snapshot: [1, 2, 3]
                ),
                ObjectRecord(
                    key: try RecordPair.object("y"),
                    revision: ObjectRecord.Revision(epoch: Epoch(7), counter: 4),
                    since: Epoch(7)
                ),
            ]
        )
    }

    @Test func `a batch is read as it was written`() throws {
        let batch = try batch()
        #expect(try RecordBatch(decoding: batch.encoded) == batch)
    }

    @Test func `every cut of it, and one byte more, is refused`() throws {
        let bytes = try batch().encoded
        for count in 0..<bytes.count {
            #expect(throws: ByteError.self) {
                try RecordBatch(decoding: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: ByteError.trailing(count: 1)) {
            try RecordBatch(decoding: bytes + [0])
        }
    }

    @Test func `bytes that say anything else are refused or read, and nothing more`() throws {
        let bytes = try batch().encoded
        for place in bytes.indices {
            for value in [UInt8(0), 0x7F, 0xFF] {
                var changed = bytes
                changed[place] = value
                _ = try? RecordBatch(decoding: changed)
            }
        }
    }

    @Test func `alarms whose names do not rise, or that were tried too often, are refused`() throws
    {
        var batch = try batch()
        batch.records[0].alarms.reverse()
        #expect(throws: ByteError.invalidValue) { try RecordBatch(decoding: batch.encoded) }
        batch.records[0].alarms = [
            ObjectRecord.Alarm(name: "", scheduledAt: 0, dueAt: 0, attempt: 7)
        ]
        #expect(throws: ByteError.invalidValue) { try RecordBatch(decoding: batch.encoded) }
    }

    @Test func `the limits are those that were promised`() throws {
        var batch = try batch()
        batch.records = [batch.records[0]]
        batch.records[0].snapshot = [UInt8](repeating: 7, count: ObjectRecord.snapshotBytesMax)
        #expect(batch.encoded.count <= RecordBatch.bytesMax)
        #expect(try RecordBatch(decoding: batch.encoded) == batch)
        batch.records[0].snapshot?.append(7)
        #expect(throws: ByteError.self) { try RecordBatch(decoding: batch.encoded) }
    }
}
