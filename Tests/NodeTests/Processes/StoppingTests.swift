import Foundation
import Testing

extension ProcessTests {
    @Suite struct StoppingTests {
        /// A node promises to be gone in five seconds.
        static let promise = Duration.seconds(5)

        @Test(arguments: [SIGTERM, SIGINT])
        func `a node that is told to stop leaves in good order`(_ signal: Int32) async throws {
            try await LocalNodes.run(3) { nodes in
                var clients: [WebSocketClient] = []
                for node in nodes.all { clients.append(try await node.webSocket()) }
                let leaver = try await nodes.host(of: "WebSocketServer")
                let stayers = nodes.others(than: leaver)

                leaver.process.signal(signal)
                let gone = clients.remove(at: try #require(nodes.all.firstIndex(of: leaver)))
                #expect(try await gone.closed().code == 1012)
                #expect(try await leaver.process.exit(within: Self.promise) == .status(0))
                for node in stayers {
                    try await nodes.wait(until: leaver, is: .left, for: node)
                }
                try await nodes.converge(stayers)
                try await exchange("we go on", from: 0, among: clients)
            }
        }

        @Test func `a second signal ends a node at once`() async throws {
            try await LocalNodes.run(1, settings: ["drain.time=60s"]) { nodes in
                // A client that reads nothing never answers the Close.
                let deaf = try await nodes[0].webSocket()
                let process = nodes[0].process
                process.signal(SIGTERM)
                try await eventually("no new client") {
                    (try? await nodes[0].webSocket()) == nil
                }
                #expect(process.isRunning)
                process.signal(SIGTERM)
                #expect(try await process.exit(within: .seconds(2)) == .status(1))
                await deaf.abort()
            }
        }

        @Test func `a node ends with the process that holds its lifeline`() async throws {
            try await LocalNodes.run(1) { nodes in
                try nodes[0].process.cutLifeline()
                #expect(try await nodes[0].process.exit(within: Self.promise) == .status(0))
            }
        }
    }
}
