import Testing
import Wire

extension ProcessTests {
    @Suite struct LimitTests {
        @Test func `a message past the limit is refused by its header`() async throws {
            try await LocalNodes.run(2) { nodes in
                for node in nodes.all {
                    for header in Self.tooLong {
                        let client = try await node.webSocket("/objects/Echo/limit")
                        await client.send(raw: header)
                        #expect(try await client.closed().code == 1009)
                    }
                }
                for figures in try await nodes.all.asyncMap({ try await $0.figures() }) {
                    #expect(figures.counters["message too long"] == 2)
                }
                try await nodes.waitForNoSessions()
            }
        }

        /// The header of 32 MiB and a byte; and those of two fragments which together are as long.
        static let tooLong: [[UInt8]] = [
            [0x82, 0xFF, 0, 0, 0, 0, 0x02, 0, 0, 1, 0, 0, 0, 0],
            [0x02, 0x81, 0, 0, 0, 0, 0xAA, 0x80, 0xFF, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0],
        ]

        @Test func `a client that does not read is closed and holds up nobody`() async throws {
            try await LocalNodes.run(2) { nodes in
                var clients: [WebSocketClient] = []
                for node in nodes.all { clients.append(try await node.webSocket()) }
                var slow: [WebSocketClient] = []
                for node in nodes.all { slow.append(try await node.webSocket()) }

                let text = String(repeating: "x", count: 256 << 10)
                try await eventually("both slow clients are closed") {
                    await clients[0].send(text)
                    for client in clients {
                        #expect(try await client.receiveText().contains(text))
                        #expect(try await client.receiveText().contains(text))
                    }
                    return try await nodes.all.asyncMap { try await $0.figures() }
                        .allSatisfy { $0.counters["slow_consumer"] == 1 }
                }
                for client in slow { #expect(try await client.drained().close.code == 1013) }
                try await eventually("the slow ones are forgotten") {
                    try await nodes[0].status().nodes.allSatisfy { $0.figures?.sessions.edge == 1 }
                }
                try await exchange("only us", from: 1, among: clients)
            }
        }

        @Test func `a client that pings and never reads is cut off, one that reads is not`()
            async throws
        {
            // Nor are there too many for either, which has a limit of its own.
            let settings = ["limit.control_frames_per_second=0"]
            try await LocalNodes.run(1, settings: settings) { nodes in
                let ping: [UInt8] = [0x89, 0xFD, 0, 0, 0, 0] + [UInt8](repeating: 0x70, count: 125)
                let many = Array(repeatElement(ping, count: 2_000).joined())
                let reading = try await nodes[0].webSocket("/objects/Echo/limit")
                let deaf = try await nodes[0].webSocket("/objects/Echo/limit")
                try await eventually("the deaf client is cut off") {
                    await deaf.send(raw: many)
                    await reading.send(raw: many)
                    await reading.send("still here")
                    #expect(try await reading.receiveText() == "still here")
                    return try await nodes[0].figures().counters["control_flood"] == 1
                }
                await reading.send("to the end")
                #expect(try await reading.receiveText() == "to the end")
            }
        }
    }
}

extension Array where Element: Sendable {
    /// One after the other.
    func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
