import Foundation
import Node
import Primitives
import Testing
import Wire

extension PlannedProcessTests {
    /// What an object can do with sockets, with the client at the object's node and at another one.
    @Suite struct SocketTests {
        private static let path = "/objects/SocketObject/one"

        /// Runs `test` with a client at each of two nodes, whose object is the same.
        private func run(
            configure: @escaping @Sendable (inout NodeConfiguration) -> Void = { _ in },
            _ test: (InnerNodes, [WebSocketClient]) async throws -> Void
        ) async throws {
            let registry = try ObjectRegistry([SocketObject.self])
            try await InnerNodes.run(2, registry: registry, configure: configure) { nodes in
                var clients: [WebSocketClient] = []
                for node in nodes.all { clients.append(try await open(at: node)) }
                try await test(nodes, clients)
                for client in clients { await client.close() }
            }
        }

        private func open(
            _ path: String = Self.path,
            at node: NodeProcess,
            headers: HTTPHeaders = [:]
        ) async throws -> WebSocketClient {
            try await WebSocketClient.open(path, at: node.addresses.client, headers: headers)
        }

        private func ask(_ client: WebSocketClient, _ text: String) async throws -> String {
            await client.send(text)
            return try await client.receiveText()
        }

        /// Has the object do what `text` says while its client does not read, and waits until it has.
        private func send(
            _ text: String,
            by client: WebSocketClient,
            asking other: WebSocketClient
        ) async throws {
            let before = Int(try await ask(other, "heard")) ?? 0
            await client.send(text)
            var asked = 0
            try await eventually("the object has done it") {
                asked += 1
                return try await ask(other, "heard") == "\(before + asked + 1)"
            }
        }

        // MARK: - Automatic responses

        @Test func `an automatic response comes from the edge, and the object hears nothing`()
            async throws
        {
            try await run { nodes, clients in
                #expect(try await ask(clients[0], "auto ping=pong =nothing") == "set")
                let later = try await open(at: nodes[1])
                for client in clients + [later] {
                    try await eventually("its edge knows") {
                        try await ask(client, "ping") == "pong"
                    }
                    #expect(try await ask(client, "") == "nothing")
                }
                let before = Int(try await ask(clients[0], "heard")) ?? 0
                for client in clients + [later] {
                    for _ in 1...50 { #expect(try await ask(client, "ping") == "pong") }
                    #expect(try await ask(client, "ping ") == "?")
                }
                #expect(try await ask(clients[1], "heard") == "\(before + 4)")
                #expect(try await ask(clients[0], "auto") == "set")
                for client in clients + [later] {
                    try await eventually("its edge has forgotten") {
                        try await ask(client, "ping") == "?"
                    }
                }
                await later.close()
            }
        }

        @Test func `an automatic response needs not a byte between nodes`() async throws {
            try await run { nodes, clients in
                #expect(try await ask(clients[0], "auto ping=pong") == "set")
                let host = try await ask(clients[0], "node")
                let index = nodes[0].name.name == host ? 1 : 0
                try await eventually("the edge knows") {
                    try await ask(clients[index], "ping") == "pong"
                }
                // A round of 200 would be more than all that the nodes say to each other meanwhile.
                let before = try await dataBytes(nodes)
                let text = String(repeating: "p", count: 2_000)
                #expect(try await ask(clients[0], "auto \(text)=\(text)") == "set")
                try await eventually("the edge knows the long one") {
                    try await ask(clients[index], text) == text
                }
                let told = try await dataBytes(nodes)
                #expect(told > before)
                for _ in 1...200 { #expect(try await ask(clients[index], text) == text) }
                let after = try await dataBytes(nodes)
                #expect(after - told < 200 * 2_000 / 4)
            }
        }

        /// What the links have carried, as the first node says.
        private func dataBytes(_ nodes: InnerNodes) async throws -> UInt64 {
            let report = try await nodes.status(of: nodes[0]).nodes
                .first { $0.name == nodes[0].name.name }
            let links = try #require(report?.figures).links
            return links.reduce(0) { $0 + $1.sentBytes + $1.receivedBytes }
        }

        @Test func `automatic responses and policies go along when the object moves`()
            async throws
        {
            let registry = try ObjectRegistry([SocketObject.self])
            try await InnerNodes.run(2, registry: registry) { nodes in
                var clients: [WebSocketClient] = []
                // So many that the new node gets some: of 16 it had none in one run of 650.
                for number in 1...48 {
                    let path = "/objects/SocketObject/\(number)"
                    let client = try await open(
                        path,
                        at: nodes[number % 2],
                        headers: ["X-Test": "\(number)"]
                    )
                    #expect(try await ask(client, "auto ping=pong") == "set")
                    #expect(try await ask(client, "policy 1") == "set")
                    clients.append(client)
                }
                let homes = try await clients.asyncMap { try await ask($0, "node") }
                let joiner = try nodes.start()
                try await nodes.converge()
                try await eventually("some of the objects have moved") {
                    try await clients.asyncMap { try await ask($0, "node") }
                        .contains(joiner.name.name)
                }
                let now = try await clients.asyncMap { try await ask($0, "node") }
                #expect(homes != now)
                for (number, client) in zip(1..., clients) {
                    #expect(try await ask(client, "ping") == "pong")
                    let text = "/objects/SocketObject/\(number) \(number) true dropOldest"
                    #expect(try await ask(client, "request") == text)
                    await client.close()
                }
            }
        }

        // MARK: - Policies

        @Test func `by default a flood that finds no room closes the client with 1013`()
            async throws
        {
            try await run { _, clients in
                for client in clients {
                    await client.send("flood 400 65536")
                    let (messages, close) = try await client.drained()
                    #expect(close.code == 1013)
                    let numbers = messages.map { Int($0.text.split(separator: " ")[0]) ?? 0 }
                    #expect(numbers == Array(1...max(1, numbers.count)))
                }
            }
        }

        @Test func `dropping the oldest keeps the last, whole and in order, and counts`()
            async throws
        {
            try await run { _, clients in
                for (client, other) in zip(clients, clients.reversed()) {
                    #expect(try await ask(client, "policy 1") == "set")
                    let (count, size) = (200, 64 << 10)
                    try await send("flood \(count) \(size)", by: client, asking: other)
                    var numbers: [Int] = []
                    while numbers.last != count {
                        let text = try await client.receiveText()
                        let words = text.split(separator: " ")
                        #expect(words[1].utf8.count == size)
                        numbers.append(Int(words[0]) ?? 0)
                    }
                    #expect(zip(numbers, numbers.dropFirst()).allSatisfy(<))
                    #expect(numbers.count < count)
                    try await eventually("the object knows how many are missing") {
                        try await ask(client, "dropped") == "\(count - numbers.count)"
                    }
                }
            }
        }

        @Test func `coalescing keeps the latest of each key, and order`() async throws {
            try await run { _, clients in
                for (client, other) in zip(clients, clients.reversed()) {
                    #expect(try await ask(client, "policy 2") == "set")
                    try await send("states 300", by: client, asking: other)
                    var numbers: [Int] = []
                    while true {
                        let text = try await client.receiveText()
                        guard let number = Int(text.split(separator: " ")[0]) else { break }
                        numbers.append(number)
                    }
                    #expect(zip(numbers, numbers.dropFirst()).allSatisfy(<))
                    #expect(numbers.count < 300)
                    #expect(numbers.suffix(2) == [299, 300])
                }
            }
        }

        @Test func `who waits for the client can send any amount`() async throws {
            try await run { _, clients in
                for client in clients {
                    let count = 400
                    await client.send("pace \(count)")
                    for number in 1...count {
                        #expect(try await client.receiveText().hasPrefix("\(number) "))
                    }
                    let most = Int(try await client.receiveText()) ?? .max
                    #expect(most <= WebSocket.lowWaterBytes + 2 * (33 << 10))
                    #expect(try await ask(client, "heard").isEmpty == false)
                }
            }
        }

        // MARK: - Closing, and what is known

        @Test func `an object's close says what it was told to, or nothing`() async throws {
            try await run { nodes, clients in
                typealias Close = WebSocketClient.Close
                for (words, close) in [
                    ("close", Close(code: 1005)), ("close 1000", Close(code: 1000)),
                    ("close 4321 that is all", Close(code: 4321, reason: "that is all")),
                    ("close 1006", Close(code: 1011, reason: "the object threw an error")),
                ] {
                    for node in nodes.all {
                        let client = try await open(at: node)
                        await client.send(words)
                        #expect(try await client.closed() == close)
                    }
                }
            }
        }

        @Test func `the object chooses a subprotocol of those on offer, and adds headers`()
            async throws
        {
            try await run { nodes, clients in
                for node in nodes.all {
                    let offering = try await open(
                        at: node,
                        headers: ["Sec-WebSocket-Protocol": "chat.v1, chat.v2"]
                    )
                    #expect(offering.headers.all("Sec-WebSocket-Protocol") == ["chat.v2"])
                    #expect(offering.headers.first("X-Object") == "one")
                    await offering.close()
                    let other = try await open(
                        at: node,
                        headers: ["Sec-WebSocket-Protocol": "chat.v1"]
                    )
                    #expect(other.headers.all("Sec-WebSocket-Protocol") == [])
                    await other.close()
                }
                for client in clients {
                    #expect(client.headers.all("Sec-WebSocket-Protocol") == [])
                }
            }
        }

        @Test func `a policy that is set before the acceptance holds`() async throws {
            try await run { nodes, _ in
                for node in nodes.all {
                    let client = try await open(Self.path + "/early", at: node)
                    #expect(try await ask(client, "request").hasSuffix("dropOldest"))
                    await client.send("flood 60 65536")
                    var last = ""
                    while !last.hasPrefix("60 ") { last = try await client.receiveText() }
                    await client.close()
                }
            }
        }

        @Test func `round trips and automatic answers are told with the pongs`() async throws {
            try await run(
                configure: { $0.ping.interval = .milliseconds(500) },
                { _, clients in
                    #expect(try await ask(clients[0], "auto ping=pong") == "set")
                    for client in clients {
                        try await eventually("its edge knows") {
                            try await ask(client, "ping") == "pong"
                        }
                        try await eventually("a round trip") {
                            try await ask(client, "trip") == "true"
                        }
                        try await eventually("an automatic response") {
                            try await ask(client, "stamp") == "true"
                        }
                    }
                }
            )
        }
    }
}
