import Rookery
import RookeryTesting
import Testing

/// Tells of the trace that it works for, asks another one of the same, and throws when it is told to.
private actor Traced: DurableObject {
    private struct Refused: Error {}

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) async throws -> Response {
        if request.isUpgrade { return .upgrade }
        if request.target.hasSuffix("/throw") { throw Refused() }
        let next = request.target.split(separator: "?").dropFirst().first
        guard let next else { return .text(Self.said) }
        return try await context.env.object(Traced.self, named: String(next))
            .fetch(Request(method: .get, target: "/", headers: [:]))
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {
        let answer = try await context.env.object(Traced.self, named: message.text)
            .fetch(Request(method: .get, target: "/", headers: [:]))
        socket.send(Self.said + " " + String(decoding: answer.body, as: UTF8.self))
    }

    private static var said: String {
        TraceContext.current.map { "\($0) \($0.state ?? "-")" } ?? "none"
    }
}

@Suite(.timeLimit(.minutes(15)), .seeded) struct TraceTests {
    private let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private var headers: [(name: String, value: String)] {
        [("traceparent", parent), ("tracestate", "one=1"), ("tracestate", "two=2")]
    }

    private func names(_ cluster: TestCluster) async throws -> (here: String, there: String) {
        let here = try #require(await cluster.names(1, of: "Traced", on: 0).first)
        let there = try #require(await cluster.names(1, of: "Traced", on: 1).first)
        return (here, there)
    }

    @Test func `a request's trace goes to its object, and with what that asks`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 31, objects: [Traced.self])
        let (here, there) = try await names(cluster)
        for node in 0...1 {
            let target = "/objects/Traced/\(here)?\(there)"
            let answer = try await cluster.fetch(target, headers: headers, via: node)
            #expect(answer.text == "\(parent) one=1,two=2")
            let plain = try await cluster.fetch(target, via: node)
            #expect(plain.text == "none")
        }
    }

    @Test func `the events of a socket belong to the trace that opened it`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 32, objects: [Traced.self])
        let (here, there) = try await names(cluster)
        for node in 0...1 {
            let target = "/objects/Traced/\(here)"
            let traced = try await cluster.webSocket(target, via: node, headers: headers)
            let plain = try await cluster.webSocket(target, via: node)
            await traced.send(there)
            let said = "\(parent) one=1,two=2"
            #expect(try await traced.receive() == "\(said) \(said)")
            await plain.send(there)
            #expect(try await plain.receive() == "none none")
        }
    }

    @Test func `an object that another one has woken is not taken for part of its call`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 1, seed: 34, objects: [Traced.self])
        let target = "/objects/Traced/first?second"
        let answer = try await cluster.fetch(target, headers: headers, via: 0)
        #expect(answer.text == "\(parent) one=1,two=2")
        let client = try await cluster.webSocket("/objects/Traced/second", via: 0)
        // The first one waits for the second no more, so this is no circle.
        await client.send("first")
        #expect(try await client.receive() == "none none")
    }

    @Test func `what is logged of it has the trace`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 33, objects: [Traced.self])
        let (here, _) = try await names(cluster)
        let target = "/objects/Traced/\(here)/throw"
        #expect(try await cluster.fetch(target, headers: headers, via: 1).status == 500)
        let lines = cluster.log.filter { $0.contains("an object's handler threw") }
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { $0.contains("trace=4bf92f3577b34da6a3ce929d0e0e4736") })
    }
}
