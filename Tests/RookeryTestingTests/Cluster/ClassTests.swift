import BuiltIn
import Node
import Testing

@testable import RookeryTesting

/// Clusters whose nodes run different classes.
@Suite(.timeLimit(.minutes(15)), .seeded) struct ClassTests {
    static let settings = ["lease=1s", "gossip.probe_interval=200ms", "limit.header_time=2s"]
    static let names = (1...12).map { "name-\($0)" }

    /// Three nodes that run `Echo`, of which the last one runs `Counter` too.
    private func cluster(_ seed: UInt64, nodes: Int = 3) async throws -> TestCluster {
        try await TestCluster(
            nodes: nodes,
            seed: seed,
            objects: [Echo.self],
            programs: [nodes - 1: [Echo.self, Counter.self]],
            settings: Self.settings
        )
    }

    private func count(_ name: String, in cluster: TestCluster, via edge: Int) async throws -> Int {
        let path = "/objects/Counter/\(name)"
        let answer = try await cluster.fetch(path, method: "POST", body: [], via: edge)
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.reading.count
    }

    @Test func `whichever node is asked, an object lives where its class is`() async throws {
        let cluster = try await cluster(41)
        var echoes: Set<Int> = []
        for name in Self.names {
            for edge in 0..<3 {
                #expect(try await count(name, in: cluster, via: edge) == edge + 1)
                #expect(try await cluster.locate("Counter", name, by: edge).owner == "node-3")
            }
            cluster.expect("Counter", named: name, livesOn: 2)
            if let owner = await cluster.owner(of: "Echo", named: name) { echoes.insert(owner) }
        }
        #expect(echoes == [0, 1, 2])
        for edge in 0..<3 {
            let unknown = try await cluster.fetch("/objects/Conter/a", via: edge)
            #expect(unknown.status == 404)
            #expect(unknown.text.hasPrefix("no class Conter; known classes: "))
            let socket = try await cluster.webSocket("/objects/Counter/a", via: edge)
            #expect(try await socket.count().node == "node-3")
        }
        let report = try await cluster.report(by: 0)
        #expect(report.view.converged)
        #expect(StatusTable.text(of: report).contains("! node-1 does not run Counter"))
    }

    @Test func `without the one node of a class its objects are missed, and are back with it`()
        async throws
    {
        let cluster = try await cluster(42)
        let socket = try await cluster.webSocket("/objects/Counter/a", via: 0)
        #expect(try await socket.count().count == 1)
        await cluster.kill(2)
        await cluster.advance(by: .seconds(3))
        #expect(await cluster.status(of: 0)?.members.count == 2)

        let missed = try await cluster.fetch("/objects/Counter/a", via: 1)
        #expect(missed.status == 503)
        #expect(missed.text == "no node runs Counter now")
        #expect(missed.header("Retry-After") != nil)
        let place = try await cluster.locate("Counter", "a", by: 1)
        #expect(place.owner == nil && place.state == .unknown)
        #expect(await cluster.owner(of: "Echo", named: "a").map { $0 < 2 } == true)

        await socket.send("one more")
        try await cluster.restart(2)
        #expect(try await socket.reading().node == "node-3")
        #expect(socket.isOpen)
        try await cluster.converge()
        _ = try await count("a", in: cluster, via: 1)
        cluster.expectAtMostOneInstance()
    }

    @Test(arguments: [43, 44] as [UInt64])
    func `node by node a cluster gets another class, and misses nothing meanwhile`(
        seed: UInt64
    ) async throws {
        let cluster = try await TestCluster(
            nodes: 3,
            seed: seed,
            objects: [Echo.self],
            settings: Self.settings
        )
        #expect(try await cluster.fetch("/objects/Counter/a", via: 1).status == 404)
        for index in 0..<3 {
            let socket = try await cluster.webSocket("/objects/Echo/e", via: (index + 1) % 3)
            await socket.send("before")
            #expect(try await socket.receive() == "before")
            try await cluster.drain(index)
            try await cluster.restart(index, objects: [Echo.self, Counter.self])
            await socket.send("after")
            #expect(try await socket.receive() == "after")
            try await cluster.converge()
            for name in Self.names {
                _ = try await count(name, in: cluster, via: (index + 2) % 3)
                let owner = await cluster.owner(of: "Counter", named: name)
                #expect(owner.map { $0 <= index } == true)
            }
        }
        var owners: Set<Int> = []
        for name in Self.names {
            if let owner = await cluster.owner(of: "Counter", named: name) { owners.insert(owner) }
        }
        #expect(owners == [0, 1, 2])
        cluster.expectAtMostOneInstance()
    }

    /// A run in the place of the former one, without an eviction between them.
    @Test func `a node that restarts with other classes is given those, and no others`()
        async throws
    {
        let cluster = try await cluster(45)
        for name in Self.names { _ = try await count(name, in: cluster, via: 0) }
        try await cluster.restart(0, objects: [Counter.self])
        try await cluster.restart(2, objects: [Echo.self])
        try await cluster.converge()
        for name in Self.names {
            #expect(try await count(name, in: cluster, via: 1) == 1)
            cluster.expect("Counter", named: name, livesOn: 0)
            #expect(await cluster.owner(of: "Echo", named: name) != 0)
        }
        cluster.expectAtMostOneInstance()
    }

    /// Where the last node owns other classes of a partition than before, it claims it anew.
    @Test func `what a node keeps of a partition goes on when nodes of other classes come and go`()
        async throws
    {
        let cluster = try await cluster(46)
        var sockets: [TestWebSocket] = []
        for name in Self.names {
            let socket = try await cluster.webSocket("/objects/Counter/\(name)", via: 2)
            #expect(try await socket.count().count == 1)
            sockets.append(socket)
        }
        let before = try await sockets[0].count()
        try await cluster.drain(0)
        for socket in sockets { _ = try await socket.count() }
        try await cluster.restart(0)
        try await cluster.converge()
        #expect(try await cluster.join(objects: [Echo.self]) == 3)
        try await cluster.converge()
        for socket in sockets.dropFirst() { #expect(try await socket.count().count == 3) }
        let after = try await sockets[0].count()
        #expect(after.count == 4)
        #expect(after.instance == before.instance && after.epoch == before.epoch)
        cluster.expectAtMostOneInstance()
    }

    @Test func `a second node of a class takes its share over, and gives it back`() async throws {
        let cluster = try await cluster(47)
        for name in Self.names { _ = try await count(name, in: cluster, via: 0) }
        #expect(try await cluster.join(objects: [Counter.self]) == 3)
        try await cluster.converge()
        var owners: Set<Int> = []
        for name in Self.names {
            _ = try await count(name, in: cluster, via: 0)
            if let owner = await cluster.owner(of: "Counter", named: name) { owners.insert(owner) }
        }
        #expect(owners == [2, 3])
        try await cluster.drain(3)
        for name in Self.names {
            _ = try await count(name, in: cluster, via: 1)
            cluster.expect("Counter", named: name, livesOn: 2)
        }
        cluster.expectAtMostOneInstance()
    }

    @Test func `a worker that asks for a class that nobody runs is told so at once`() async throws {
        let cluster = try await TestCluster(
            nodes: 1,
            seed: 48,
            objects: [Echo.self],
            worker: Misspelling(),
            settings: Self.settings
        )
        let begin = cluster.age
        let answer = try await cluster.fetch("/", via: 0)
        #expect(answer.status == 404)
        #expect(answer.text == "no class Ecko; known classes: Echo")
        do {
            _ = try await cluster.webSocket("/", via: 0)
            Issue.record("a session with an object of no class")
        } catch {
            guard case .refused(let status, let body) = error.reason else { throw error }
            #expect(status == 404 && body == answer.text)
        }
        #expect(cluster.age - begin < .seconds(1))
    }
}

private struct Misspelling: Worker {
    func fetch(_ request: Request, env: Environment) async throws -> Response {
        try await env.object("Ecko", named: "a").fetch(request)
    }
}
