import Rookery
import Synchronization
import Testing

@testable import Node
@testable import RookeryTesting

/// Writes down what it is told, outside of itself: a list that no move of the object can lose.
actor Chronicle: DurableObject {
    private static let heard = Mutex<[String: [String]]>([:])

    static func heard(by name: String) -> [String] { heard.withLock { $0[name] ?? [] } }

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) -> Response { .upgrade }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        Self.heard.withLock { $0[context.name, default: []].append(message.text) }
        socket.send(message)
    }
}

/// Clients that each say one number after the other to a Chronicle, waiting for nothing, and go on
/// by another node when they are sent away.
struct Talkers {
    private let talkers: [Talker]
    private let cluster: TestCluster

    /// So many clients, each with an object of its own whose name begins with `name`, at all nodes in
    /// turn.
    init(_ count: Int, _ name: String, _ cluster: TestCluster) async throws {
        self.cluster = cluster
        var talkers: [Talker] = []
        for number in 0..<count {
            let edge = number % cluster.nodeCount
            talkers.append(try await Talker("\(name)-\(number)", via: edge, cluster))
        }
        self.talkers = talkers
    }

    /// How they were sent away.
    var closes: [TestWebSocket.Close] { talkers.flatMap(\.closes) }

    /// Each says a number every 20 ms.
    func talk(for time: Duration) async throws {
        let end = cluster.age + time
        while cluster.age < end {
            for talker in talkers { try await talker.say() }
            await cluster.advance(by: .milliseconds(20))
        }
    }

    /// The same until a node has left as by SIGTERM, and is down.
    func talk(untilGone leaver: Int) async throws {
        let done = Latch()
        let process = try #require(cluster.node(leaver).process)
        await cluster.world.perform { process.stop { done.open() } }
        let end = cluster.age + .seconds(30)
        while !done.isOpen {
            try await talk(for: .milliseconds(20))
            try #require(cluster.age < end)
        }
        await cluster.kill(leaver)
    }

    /// The same until the nodes that run are one cluster.
    func talkUntilConverged() async throws {
        let end = cluster.age + .seconds(30)
        while (try? await cluster.converge(within: .milliseconds(20))) == nil {
            for talker in talkers { try await talker.say() }
            try #require(cluster.age < end)
        }
    }

    /// Everything was heard, once and in order, and nobody was sent away but with a time to come back.
    func expectWhole() {
        for talker in talkers {
            let heard = Chronicle.heard(by: talker.name).compactMap { Int($0) }
            #expect(heard == Array(1...talker.said), "\(talker.name)")
        }
        #expect(closes.allSatisfy { $0.code == 1012 })
        #expect(closes.allSatisfy { $0.reason.hasPrefix("retry=") })
    }
}

/// A client that says one number after the other.
private final class Talker {
    let name: String
    private let cluster: TestCluster
    private var edge: Int
    private var socket: TestWebSocket
    private(set) var said = 0
    private(set) var closes: [TestWebSocket.Close] = []

    init(_ name: String, via edge: Int, _ cluster: TestCluster) async throws {
        self.name = name
        self.cluster = cluster
        self.edge = edge
        socket = try await cluster.webSocket("/objects/Chronicle/\(name)", via: edge)
    }

    /// The next number; by another node where this one has sent it away.
    func say() async throws {
        if !socket.isOpen {
            closes.append(try await socket.closed())
            edge = (edge + 1) % cluster.nodeCount
            socket = try await cluster.webSocket("/objects/Chronicle/\(name)", via: edge)
        }
        said += 1
        await socket.send("\(said)")
    }
}
