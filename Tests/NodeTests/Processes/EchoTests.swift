import Primitives
import Testing
import Wire

extension ProcessTests {
    @Suite struct EchoTests {
        /// Around every length at which a frame's header, a fragment or a buffer changes.
        static let sizes = [0, 1, 125, 126, 65_535, 65_536, 65_537, 256 << 10, (1 << 20) + 1]
        static let largest = 32 << 20
        /// More than any buffer, queue or piece on the way, for what differs in a text.
        static let large = 4 << 20

        @Test func `messages of any size come back intact over any node`() async throws {
            try await LocalNodes.run(3) { nodes in
                var clients: [WebSocketClient] = []
                for node in nodes.all {
                    clients.append(try await node.webSocket("/objects/Echo/mirror"))
                }
                for kind in [WebSocketMessage.Kind.binary, .text] {
                    for size in Self.sizes {
                        let message = WebSocketMessage.sample(kind, size: size)
                        for client in clients { try await expectEcho(of: message, to: client) }
                    }
                }
            }
        }

        @Test func `the largest messages come back intact from another node`() async throws {
            try await LocalNodes.run(3) { nodes in
                let path = "/objects/Echo/mirror"
                let first = try await nodes[0].webSocket(path)
                let host = try await nodes.host(of: "Echo")
                let client = try await nodes.others(than: host)[0].webSocket(path)
                try await expectEcho(of: .sample(.binary, size: Self.largest), to: client)
                try await expectEcho(of: .sample(.text, size: Self.large), to: client)
                try await expectEcho(of: .sample(.text, size: 1), to: first)
            }
        }

        private func expectEcho(
            of message: WebSocketMessage,
            to client: WebSocketClient
        ) async throws {
            await client.send(message)
            // Compared here: a failure should not print 32 MiB.
            let isIntact = try await client.receive() == message
            #expect(isIntact, "\(message.payload.count) bytes as \(message.kind)")
        }

        @Test func `messages sent at once come back in their order`() async throws {
            try await LocalNodes.run(2) { nodes in
                for node in nodes.all {
                    let client = try await node.webSocket("/objects/Echo/order")
                    for number in 1...2_000 { await client.send("\(number)") }
                    for number in 1...2_000 {
                        #expect(try await client.receiveText() == "\(number)")
                    }
                }
            }
        }
    }
}

extension WebSocketMessage {
    /// A message of so many bytes, the same at every call.
    static func sample(_ kind: Kind, size: Int) -> WebSocketMessage {
        switch kind {
        case .text: WebSocketMessage(kind: .text, payload: sampleText(size: size))
        case .binary: WebSocketMessage(kind: .binary, payload: sampleBytes(size: size))
        }
    }

    /// Characters of one to four bytes, filled up with those of one.
    private static func sampleText(size: Int) -> [UInt8] {
        let pattern = Array("aé€😀".utf8)
        let repeats = size / pattern.count
        return repeatElement(pattern, count: repeats).flatMap { $0 }
            + repeatElement(UInt8(ascii: "x"), count: size - repeats * pattern.count)
    }
}

/// Bytes without a pattern, the same at every call.
func sampleBytes(size: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + 8)
    while bytes.count < size {
        withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
    }
    bytes.removeLast(bytes.count - size)
    return bytes
}
