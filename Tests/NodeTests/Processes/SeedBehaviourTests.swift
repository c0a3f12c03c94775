import Foundation
import Testing
import Wire

extension ProcessTests {
    /// The "Build a WebSocket server" example of Durable Objects, byte for byte, on any node.
    @Suite struct SeedBehaviourTests {
        @Test func `clients of three nodes see one transcript with one count`() async throws {
            try await LocalNodes.run(3) { nodes in
                var clients: [WebSocketClient] = []
                for node in nodes.all {
                    clients.append(try await node.webSocket())
                    try await exchange("one more of us", from: clients.count - 1, among: clients)
                }
                for (index, text) in ["hello", "", "grüße 👋", "a\r\n\0b"].enumerated() {
                    try await exchange(text, from: index % 3, among: clients)
                }
                while let last = clients.popLast() {
                    await last.close(.normal, reason: "enough")
                    let answer = WebSocketClient.Close(
                        code: 1000,
                        reason: "Durable Object is closing WebSocket"
                    )
                    #expect(try await last.closed() == answer)
                    guard !clients.isEmpty else { break }
                    try await exchange("one fewer of us", from: 0, among: clients)
                }
                try await nodes.waitForNoSessions()
            }
        }

        @Test func `each session has a UUID of its own`() async throws {
            try await LocalNodes.run(1) { nodes in
                var ids: Set<String> = []
                for _ in 1...3 {
                    let client = try await nodes[0].webSocket()
                    await client.send("?")
                    ids.insert(try await senderID(in: client.receiveText()))
                }
                #expect(ids.count == 3)
                #expect(ids.allSatisfy { UUID(uuidString: $0) != nil && $0 == $0.lowercased() })
            }
        }

        @Test func `every node answers what is no upgrade as the example does`() async throws {
            try await LocalNodes.run(3) { nodes in
                for node in nodes.all {
                    for row in Self.refusals {
                        let (method, target) = (row.method, row.target)
                        let answer = try await node.fetch(target, method, headers: row.headers)
                        #expect(answer.status == row.status, "\(method) \(target)")
                        #expect(answer.text == row.body, "\(method) \(target)")
                        #expect(answer.headers.first("Content-Type") == "text/plain")
                    }
                }
            }
        }

        @Test(arguments: ["/websocket", "/any/path/to/websocket", "/?/websocket", "//websocket"])
        func `every target that ends in websocket leads to the one object`(
            _ target: String
        ) async throws {
            try await LocalNodes.run(1) { nodes in
                let clients = [
                    try await nodes[0].webSocket(), try await nodes[0].webSocket(target),
                ]
                try await exchange("hello", from: 1, among: clients)
            }
        }
    }
}

extension ProcessTests.SeedBehaviourTests {
    struct Refusal {
        var method = HTTPMethod.get
        var target = "/websocket"
        var headers: HTTPHeaders = [:]
        let status: Int
        let body: String
    }

    static let refusals = [
        Refusal(status: 426, body: upgradeExpected),
        Refusal(headers: ["Upgrade": "h2c"], status: 426, body: upgradeExpected),
        Refusal(method: .post, status: 426, body: upgradeExpected),
        Refusal(method: .post, headers: upgrade, status: 400, body: getExpected),
        Refusal(method: .put, headers: ["Upgrade": "WebSocket"], status: 400, body: getExpected),
        Refusal(target: "/", status: 200, body: endpoints),
        Refusal(method: .delete, target: "/x", status: 200, body: endpoints),
        Refusal(target: "/websocket?x=1", status: 200, body: endpoints),
        Refusal(target: "/websocket/", headers: upgrade, status: 200, body: endpoints),
        Refusal(target: "/WebSocket", headers: upgrade, status: 200, body: endpoints),
    ]

    private static let upgrade: HTTPHeaders = ["Upgrade": "websocket", "Connection": "Upgrade"]
    private static let upgradeExpected = "Worker expected Upgrade: websocket"
    private static let getExpected = "Worker expected GET method"
    private static let endpoints =
        "Supported endpoints:\n/websocket: Expects a WebSocket upgrade request"
}
