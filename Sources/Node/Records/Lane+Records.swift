import Cluster
import Placement
import Primitives
import Transport
import Wire

/// Records on their way to the peer of a lane: one stream, which the peer ends when it has them.
///
/// Lives on the lane's loop.
final class OutgoingRecords {
    private let ended: (RecordDelivery) -> Void

    init(_ ended: @escaping (RecordDelivery) -> Void) { self.ended = ended }

    /// The code says whether the peer has taken them.
    func closed(code: UInt16) { ended(code == LinkCode.normal ? .arrived : .refused) }

    func lost() { ended(.lost) }
}

// What objects leave to other nodes goes in streams, so that nothing waits behind a large one.
extension Lane {
    /// Sends records; `ended` is called once.
    func send(_ batch: RecordBatch, ended: @escaping (RecordDelivery) -> Void) {
        guard !isFailed else { return ended(.lost) }
        do {
            let epoch = UInt32(truncatingIfNeeded: batch.epoch.value)
            let id = try machine.open(.records, head: [], partition: 0, epoch: epoch)
            endpoints[id] = .records(OutgoingRecords(ended))
            _ = machine.send(id, payload: batch.encoded, isBinary: true)
            mark()
        } catch {
            shard.tally.count("stream_refused")
            ended(.lost)
        }
    }

    /// Records that the peer has sent on a stream of its own.
    func receivedRecords(_ bytes: [UInt8], on id: StreamID) {
        machine.consumed(id, bytes: bytes.count)
        endpoints[id] = nil
        guard bytes.count <= RecordBatch.bytesMax,
            let batch = try? RecordBatch(decoding: bytes), batch.sender.id == peer
        else {
            shard.tally.count("bad_records")
            machine.reset(id, code: LinkCode.protocolError)
            return mark()
        }
        let back = bound
        shard.take(batch) { isTaken in
            back.run { $0.answerRecords(id, isTaken: isTaken) }
        }
    }

    private func answerRecords(_ id: StreamID, isTaken: Bool) {
        let code = isTaken ? LinkCode.normal : LinkCode.overloaded
        machine.close(id, code: code, reason: "")
        mark()
    }
}
