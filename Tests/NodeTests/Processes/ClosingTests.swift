import Testing
import Wire

extension ProcessTests {
    /// The close handshake, with the object on the client's node and on another one.
    @Suite struct ClosingTests {
        typealias Close = WebSocketClient.Close

        @Test func `a client's code comes back, wherever the object is`() async throws {
            try await LocalNodes.run(2) { nodes in
                for node in nodes.all {
                    for (code, answer) in [
                        (.normal, Close(code: 1000)), (CloseCode(4001), Close(code: 4001)),
                        (.goingAway, Close(code: 1001)), (nil, Close(code: 1005)),
                    ] {
                        let client = try await node.webSocket("/objects/Echo/closing")
                        await client.send("last words")
                        await client.close(code, reason: code == nil ? "" : "bye")
                        #expect(try await client.closed() == answer)
                    }
                }
                try await nodes.waitForNoSessions()
            }
        }

        @Test func `an object's code and reason arrive, wherever the client is`() async throws {
            try await LocalNodes.run(2) { nodes in
                for node in nodes.all {
                    let client = try await node.webSocket("/objects/Counter/closing")
                    await client.send("count")
                    _ = try await client.receive()
                    await client.send(WebSocketMessage(kind: .binary, payload: [1]))
                    let close = Close(code: 1003, reason: "a counter takes text")
                    #expect(try await client.closed() == close)
                }
                try await nodes.waitForNoSessions()
            }
        }

        @Test func `however a session ends, its object hears it once`() async throws {
            try await LocalNodes.run(2) { nodes in
                var witnesses: [WebSocketClient] = []
                for node in nodes.all { witnesses.append(try await node.webSocket()) }
                for node in nodes.all {
                    for ending in Ending.allCases {
                        let client = try await node.webSocket()
                        try await exchange("here", from: 0, among: witnesses + [client])
                        try await ending.perform(client)
                        try await waitForCount(witnesses.count, seenBy: witnesses)
                    }
                }
            }
        }

        /// Asks until a message tells of so many connections: a lost connection is noticed soon, not
        /// at once.
        private func waitForCount(_ count: Int, seenBy witnesses: [WebSocketClient]) async throws {
            try await eventually("a count of \(count)") {
                await witnesses[0].send("count")
                let text = try await witnesses[0].receiveText()
                _ = try await witnesses[0].receive()
                for witness in witnesses.dropFirst() {
                    _ = try await witness.receive()
                    _ = try await witness.receive()
                }
                return text.hasSuffix("Total connections: \(count)")
            }
        }
    }
}

extension ProcessTests.ClosingTests {
    /// The ways in which a client can go.
    enum Ending: CaseIterable {
        case close
        case cut
        case closeAndCut
        case brokenFrame
        case endOfInput

        func perform(_ client: WebSocketClient) async throws {
            switch self {
            case .close:
                await client.close()
                #expect(try await client.closed().code == 1000)
            case .cut: await client.abort()
            case .closeAndCut:
                await client.close()
                await client.abort()
            case .brokenFrame:
                await client.send(raw: [0xFF, 0xFF])
                #expect(try await client.closed().code == 1002)
            case .endOfInput: await client.endInput()
            }
        }
    }
}
