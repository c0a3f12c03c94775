import Foundation
import Testing
import Wire

extension ProcessTests {
    @Suite struct ReloadTests {
        private static let common =
            "node.name = lone\nthreads = 2\npeer.listen = 127.0.0.1:0\n"
            + "client.listen = 127.0.0.1:0\nadmin.listen = 127.0.0.1:0\n"

        @Test func `a node that hangs up reads its configuration again`() async throws {
            let file = FileManager.default.temporaryDirectory
                .appendingPathComponent("rook-\(UUID().uuidString).conf")
            defer { try? FileManager.default.removeItem(at: file) }
            func write(_ text: String) throws {
                try (Self.common + text).write(to: file, atomically: true, encoding: .utf8)
            }
            try write("")
            let supervisor = try NotifySocket()
            let node = try RookProcess(
                ["serve", "--config", file.path],
                environment: ["NOTIFY_SOCKET": supervisor.path]
            )
            let greeting = try await eventually("a node that serves") {
                LocalNode.Greeting(node.outputText)
            }
            let page: HTTPHeaders = ["Origin": "https://else.example"]
            func status(_ path: String) async throws -> Int {
                let request = HTTPRequestText(.get, path, page)
                return try await HTTPAnswer.fetch(request, .get, from: greeting.client).status
            }
            #expect(try await status("/objects/Echo/x") == 403)

            try write(
                "client.origins = https://else.example\nlease = 3s\nlog.level = info, link=debug"
            )
            node.signal(SIGHUP)
            try await eventually("the words for each key") {
                let lines = node.errorText
                return lines.contains("a key has another value key=client.origins")
                    && lines.contains(#"key=log.level value="info, link=debug""#)
                    && lines.contains("warning configuration a key needs a restart")
            }
            try await eventually("the other origin") { try await status("/objects/Echo/x") == 200 }

            try write("client.origins =\nlimit.connections = 0")
            node.signal(SIGHUP)
            try await eventually("a word of the mistake") {
                node.errorText.contains("\(file.path):7: limit.connections = 0")
            }
            #expect(try await status("/objects/Echo/x") == 200)
            // The line of the mistake may be there before the supervisor is told.
            try await eventually("a supervisor that has heard of both") {
                supervisor.words.map { $0.prefix { $0 != "=" } }
                    == ["READY", "RELOADING", "READY", "RELOADING", "READY"]
            }
            node.signal(SIGTERM)
            #expect(try await node.exit() == .status(0))
        }
    }
}
