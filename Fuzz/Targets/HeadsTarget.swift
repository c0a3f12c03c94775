import Cluster
import Placement
import Primitives
import Wire

extension FuzzTarget {
    /// What opens a stream and answers on it, and questions over lane 0.
    static let heads = FuzzTarget(
        name: "heads",
        summary: "heads of requests and of responses on the link, and questions",
        seeds: { Self.requestHeads + Self.responseHeads + [[0, 0, 0, 0, 0, 0, 0, 7, 1]] },
        check: { bytes throws(Finding) in
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try LinkRequestHead(bytes) },
                encode: { try? $0.encoded() }
            )
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try LinkResponseHead(bytes) },
                encode: { try? $0.encoded() }
            )
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try LinkQuery(bytes) },
                encode: { $0.encoded() }
            )
        }
    )

    private static var requestHeads: [[UInt8]] {
        guard let key = ObjectKey(className: "Chat", name: "room") else { return [] }
        let calls = [LinkCall.none, LinkCall(name: "add", chain: [key])]
        return calls.compactMap { call in
            let head = LinkRequestHead(
                key: key,
                kind: call == .none ? .webSocket : .http,
                method: "GET",
                target: "/Chat/room",
                headers: [LinkHeaderField(name: "Host", value: "a")],
                peerAddress: .loopback(port: 80),
                sessionID: 5,
                epoch: 9,
                sequence: 1,
                redelivered: 1,
                hops: 1,
                resumed: call == .none,
                hasBody: call != .none,
                call: call
            )
            return try? head.encoded()
        }
    }

    private static var responseHeads: [[UInt8]] {
        [(200 as UInt16, 0 as UInt8), (503, 2)].compactMap { status, verdict in
            let fields = [LinkHeaderField(name: "Content-Type", value: "text/plain")]
            let head = LinkResponseHead(
                status: status,
                headers: fields,
                hasBody: true,
                verdict: verdict
            )
            return try? head.encoded()
        }
    }
}

extension FuzzTarget {
    /// What the objects of a node leave to another one.
    static let records = FuzzTarget(
        name: "records",
        summary: "batches of records, with alarms and snapshots",
        seeds: {
            guard let key = ObjectKey(className: "Chat", name: "room") else { return [] }
            let record = ObjectRecord(
                key: key,
                revision: .init(epoch: Epoch(3), counter: 2),
                since: Epoch(1),
                alarms: [
                    .init(name: "", scheduledAt: 1, dueAt: 2),
                    .init(name: "b", scheduledAt: 3, dueAt: 4, attempt: 6),
                ],
                snapshot: [1, 2, 3]
            )
            let sender = NodeRun(id: .fuzz("a"), incarnation: Incarnation(4))
            let batch = RecordBatch(
                purpose: .copy,
                epoch: Epoch(3),
                sender: sender,
                records: [record, record]
            )
            return [batch.encoded]
        },
        check: { bytes throws(Finding) in
            try checkCoding(
                bytes,
                decode: { bytes throws(ByteError) in try RecordBatch(decoding: bytes) },
                encode: { $0.encoded }
            )
        }
    )
}
