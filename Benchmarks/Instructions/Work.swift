import Lanes
import Placement
import Primitives
import Queues
import Wire

/// Something that is done with every message, or with every request, again and again.
struct Work: Sendable {
    let name: String
    /// Does it so many times; false when something was not as it should be.
    let run: @Sendable (_ count: Int) -> Bool

    static let all = [
        frames("frame", payload: [UInt8](repeating: 7, count: 20), opcode: 0x2),
        frames("text-16k", payload: Array("Grüße ".utf8) * 2_048, opcode: 0x1),
        whole, request, upgrade, lookup, link, queue,
    ]

    /// A masked frame of a client, 16 of them in a read when they are small.
    private static func frames(_ name: String, payload: [UInt8], opcode: UInt8) -> Work {
        let perRead = payload.count < 1_024 ? 16 : 1
        let frame = maskedFrame(opcode, payload)
        let read = frame * perRead
        return Work(name: name) { count in
            var machine = WebSocketMachine(role: .server, closeAnswer: .onRequest)
            var output = ByteWriter()
            var seen = 0
            for _ in 0..<count {
                var offset = 0
                while machine.next(in: read.span, from: &offset, output: &output) != nil {
                    seen += 1
                }
            }
            return seen == count * perRead
        }
    }

    /// The same where they are whole messages of an object of the loop: each has the memory of the one
    /// before it.
    private static let whole = Work(name: "whole") { count in
        let read = maskedFrame(0x2, [UInt8](repeating: 0x55, count: 20)) * 16
        var machine = WebSocketMachine(role: .server, closeAnswer: .onRequest)
        var message = WebSocketMessage(kind: .binary, payload: [])
        var seen = 0
        for _ in 0..<count {
            var offset = 0
            while machine.nextWhole(in: read.span, from: &offset, into: &message) {
                seen += message.payload.count
            }
        }
        return seen == count * 16 * 20
    }

    private static func maskedFrame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        let count = payload.count
        let length = count < 126 ? [UInt8(count)] : [126, UInt8(count >> 8), UInt8(count & 0xFF)]
        let header = [0x80 | opcode, 0x80 | length[0]] + length.dropFirst() + key
        return header + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }

    /// The head of a browser's request for a WebSocket.
    private static let request = Work(name: "request") { count in
        let head = """
            GET /objects/Room/lobby HTTP/1.1\r
            Host: chat.example.com\r
            Connection: Upgrade\r
            Pragma: no-cache\r
            Cache-Control: no-cache\r
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0\r
            Upgrade: websocket\r
            Origin: https://chat.example.com\r
            Sec-WebSocket-Version: 13\r
            Accept-Encoding: gzip, deflate, br, zstd\r
            Accept-Language: en-GB,en;q=0.9\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r

            """
        let bytes = Array(head.utf8)
        var parser = HTTPRequestParser()
        var seen = 0
        for _ in 0..<count {
            parser.append(bytes)
            while let event = try? parser.next() {
                if case .head(let head) = event, (try? WebSocketUpgrade.validate(head)) != nil {
                    seen += 1
                }
            }
        }
        return seen == count
    }

    /// The answer that opens a WebSocket, with the proof that the client's key was read.
    private static let upgrade = Work(name: "upgrade") { count in
        let head = RequestTarget("/objects/Room/lobby").map { target in
            HTTPRequestHead(
                method: .get,
                target: target,
                headers: [
                    "Host": "chat.example.com", "Upgrade": "websocket", "Connection": "Upgrade",
                    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                ]
            )
        }
        guard let upgrade = head.flatMap({ try? WebSocketUpgrade.validate($0) }) else {
            return false
        }
        var seen = 0
        for _ in 0..<count {
            var answer: [UInt8] = []
            upgrade.write(to: &answer)
            if answer.count == 129 { seen += 1 }
        }
        return seen == count
    }

    /// The owner of a name of 30 bytes; how many nodes there are makes no difference.
    private static let lookup = Work(name: "lookup") { count in
        let nodes = (0..<3).compactMap { NodeID("node-\($0)") }
        let keys = (0..<64).compactMap { number in
            ObjectKey(className: "Room", name: "a-name-of-thirty-bytes-\(1_000_000 + number)")
        }
        let view = PlacementView(
            epoch: Epoch(1),
            key: PlacementKey(low: 1, high: 2),
            table: PlacementTable(members: nodes.map { PlacementMember(id: $0) })
        )
        // Lent as an object lends its own: a copy is no part of it.
        let holders = keys.map(Holder.init)
        let lent = unsafe holders.map { unsafe Unmanaged.passUnretained($0) }
        var found = 0
        for index in 0..<count {
            let owner = unsafe lent[index & 63]._withUnsafeGuaranteedRef { view.owner(of: $0.key) }
            if owner != nil { found += 1 }
        }
        withExtendedLifetime(holders) {}
        return found == count
    }

    private final class Holder {
        let key: ObjectKey

        init(_ key: ObjectKey) { self.key = key }
    }

    /// A message of 40 bytes from one node to another and what comes back of it, 16 at a time.
    private static let link = Work(name: "link") { count in
        var lanes = LanePair()
        guard let stream = lanes.open() else { return false }
        let message = [UInt8](repeating: 7, count: 40)
        var seen = 0
        for _ in 0..<count { seen += lanes.carry(message, times: 16, on: stream) }
        return seen == count * 16
    }

    /// An event through a mailbox's queue, 16 at a time.
    private static let queue = Work(name: "queue") { count in
        var queue = Deque<WebSocketMessage>()
        let message = WebSocketMessage(kind: .binary, payload: [1, 2, 3])
        var seen = 0
        for _ in 0..<count {
            for _ in 0..<16 { queue.append(message) }
            while queue.popFirst() != nil { seen += 1 }
        }
        return seen == count * 16
    }
}

extension [UInt8] {
    fileprivate static func * (bytes: [UInt8], count: Int) -> [UInt8] {
        (0..<count).flatMap { _ in bytes }
    }
}
