import Rookery
import RookeryTesting
import Testing

/// What a client sees of the end of its WebSocket, and that its object hears of it once.
@Suite(.timeLimit(.minutes(15)), .seeded) struct CloseCodeTests {
    /// One way in which a session ends.
    struct End: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What the client sees.
        let seen: TestWebSocket.Close
        /// What the object hears, in order.
        let heard: [String]
        let act: @Sendable (TestWebSocket) async throws -> Void

        init(
            _ description: String,
            _ code: UInt16,
            _ reason: String = "",
            heard: [String],
            _ act: @escaping @Sendable (TestWebSocket) async throws -> Void
        ) {
            testDescription = description
            seen = TestWebSocket.Close(code: code, reason: reason)
            self.heard = heard
            self.act = act
        }
    }

    private static let limit = 64 << 10

    /// The object closes, and the client answers with the code alone.
    private static func closing(_ code: UInt16, _ reason: String = "") -> End {
        End("the object closes with \(code)", code, reason, heard: ["close \(code) "]) {
            await $0.send("close \(code) \(reason)")
        }
    }

    static let ends: [End] = [
        End("the client closes with 1000", 1000, heard: ["close 1000 bye"]) {
            await $0.close(code: 1000, reason: "bye")
        },
        End("the client closes with 4999", 4999, heard: ["close 4999 "]) {
            await $0.close(code: 4999)
        },
        closing(1000, "done"), closing(1001), closing(1003), closing(1008, "no"), closing(3000),
        closing(4999, String(repeating: "r", count: 123)),
        End(
            "the object throws",
            1011,
            "the object threw an error",
            heard: ["close 1011 "]
        ) { await $0.send("throw") },
        End(
            "the object closes with a code that nobody may send",
            1011,
            "the object threw an error",
            heard: ["close 1011 "]
        ) { await $0.send("close 1006") },
        End(
            "the object closes with a reason of 124 bytes",
            1011,
            "the object threw an error",
            heard: ["close 1011 "]
        ) { await $0.send("close 4999 " + String(repeating: "r", count: 124)) },
        End(
            "a message is too large by a byte",
            1009,
            "message too long",
            heard: ["error protocolViolation(code: 1009)", "close 1009 "]
        ) { client in
            let largest = [UInt8](repeating: 1, count: limit)
            await client.send(largest)
            let echo = try await client.receiveBytes()
            #expect(echo == largest)
            await client.send(largest + [1])
        },
    ]

    @Test(arguments: ends)
    func `a client sees the code, and the object hears of it once`(end: End) async throws {
        let cluster = try await TestCluster(
            nodes: 2,
            seed: 71,
            objects: [Witness.self],
            settings: ["limit.message_bytes=\(Self.limit)"]
        )
        for edge in 0..<2 {
            let words = end.testDescription.replacing(" ", with: "-")
            let name = try await cluster.witness("\(words)-\(edge)", on: 0)
            let client = try await cluster.open(name, via: edge)
            try await end.act(client)
            #expect(try await client.closed() == end.seen)
            let last = try #require(end.heard.last)
            try await cluster.wait(for: last, of: name)
            // Whatever else becomes known of the client is not told.
            await cluster.advance(by: .seconds(9))
            let heard = Witness.diary(of: name).filter { entry in
                entry.hasPrefix("close") || entry.hasPrefix("error")
            }
            #expect(heard == end.heard, "via node \(edge)")
        }
    }

    @Test func `who is sent away with the node gets 1012, and the object hears of it once`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 72, objects: [Witness.self])
        let name = try await cluster.witness("leaving", on: 0)
        let client = try await cluster.open(name, via: 1)
        try await cluster.drain(1)
        #expect(try await client.closed().code == 1012)
        try await cluster.wait(for: "close 1012 ", of: name)
        await cluster.advance(by: .seconds(9))
        #expect(Witness.diary(of: name).count { $0.hasPrefix("close") } == 1)
    }

    @Test func `a client that vanishes, or whose node dies, is told of as 1006, once`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 73, objects: [Witness.self])
        let name = try await cluster.witness("vanishing", on: 0)
        for edge in 0..<2 { await (try await cluster.open(name, via: edge)).vanish() }
        _ = try await cluster.open(name, via: 1)
        await cluster.kill(1)
        try await cluster.wait(for: "the third end") {
            Witness.diary(of: name).count { $0 == "close 1006 " } == 3
        }
        await cluster.advance(by: .seconds(9))
        let diary = Witness.diary(of: name)
        #expect(diary.count { $0.hasPrefix("close") } == 3)
        #expect(diary.count { $0 == "error connectionLost" } == 3)
    }
}
