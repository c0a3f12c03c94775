import Node
import Primitives
import Testing
import Wire

extension ProcessTests {
    /// How the ends of clients' sessions reach an object, from its own node and from another.
    @Suite struct SocketEndProcessTests {
        /// What one client does, and what its object is told.
        private struct End: Sendable {
            let entries: [String]
            let act: @Sendable (WebSocketClient) async -> Void
        }

        private static let ends = [
            End(entries: ["close 4000 enough"]) {
                await $0.close(CloseCode(4000), reason: "enough")
            },
            End(entries: ["close 1005 "]) { await $0.close(nil) },
            // The client's own word: it has broken nothing.
            End(entries: ["close 1002 "]) { await $0.close(CloseCode(1002)) },
            End(entries: ["error connectionLost", "close 1006 "]) { await $0.abort() },
            // A masked text of one byte that is no UTF-8.
            End(entries: ["error protocolViolation(code: 1007)", "close 1007 "]) {
                await $0.send(raw: [0x81, 0x81, 0, 0, 0, 0, 0xFF])
            },
            // A frame that is not masked.
            End(entries: ["error protocolViolation(code: 1002)", "close 1002 "]) {
                await $0.send(raw: [0x81, 0x01, 0x61])
            },
        ]

        @Test func `an object is told once of each end, wherever its client is`() async throws {
            let registry = try ObjectRegistry([SleepyObject.self])
            try await InnerNodes.run(2, registry: registry) { nodes in
                for (number, end) in Self.ends.enumerated() {
                    for node in nodes.all {
                        let name = "\(SessionID.random())"
                        let path = "/objects/SleepyObject/\(name)"
                        let client = try await WebSocketClient.open(
                            path,
                            at: node.addresses.client
                        )
                        let script = LifeScript.of(name)
                        try await eventually("it is open") { script.entries.contains("open") }
                        await end.act(client)
                        let last = try #require(end.entries.last)
                        try await eventually("\(last) of \(number)") {
                            script.entries.contains(last)
                        }
                        // An answer from behind it: nothing more has come by then.
                        let other = try await WebSocketClient.open(path, at: node.addresses.client)
                        await other.send("hello")
                        _ = try await other.receiveText()
                        let ends = script.entries.filter {
                            $0.hasPrefix("close") || $0.hasPrefix("error")
                        }
                        #expect(ends == end.entries)
                        await other.close()
                    }
                }
            }
        }
    }
}
