import BuiltIn
import Node
import Testing

@testable import RookeryTesting

/// Without a majority of the voters nothing runs, and with one all goes on where it was.
@Suite(.timeLimit(.minutes(15)), .seeded) struct MajorityTests {
    /// Links are given up soon, so that sessions are parked while their nodes are away.
    static let settings = [
        "lease=1s", "gossip.probe_interval=200ms", "link.silence=500ms",
        "link.resume_time=200ms", "limit.header_time=1s",
    ]

    enum Absence: CaseIterable {
        /// The two others stand still, and go on.
        case paused
        /// They are killed, and started again with their disks.
        case killed
        /// They cannot be reached, and then can.
        case cutOff
    }

    @Test(arguments: Absence.allCases)
    func `one of three voters does nothing until another one is back`(
        _ absence: Absence
    ) async throws {
        let cluster = try await TestCluster(
            nodes: 3,
            seed: 11,
            objects: [Counter.self],
            settings: Self.settings
        )
        let own = try await cluster.name(of: "Counter", on: 0)
        let far = try await cluster.name(of: "Counter", on: 1)
        let client = try await cluster.webSocket("/objects/Counter/\(own)", via: 0)
        let farClient = try await cluster.webSocket("/objects/Counter/\(far)", via: 0)
        let before = try await client.count()
        let farBefore = try await farClient.count()
        try await expectSettled(cluster)

        try await leave(absence, cluster)
        try await expectFrozen(cluster, own: own, far: far)
        // Whoever asks by WebSocket waits, and whoever asks by HTTP is sent away in the end.
        await client.send("one more")
        await farClient.send("one more")
        for name in [own, far] {
            let path = "/objects/Counter/\(name)"
            let refused = try await cluster.fetch(path, method: "POST", body: [], via: 0)
            #expect(refused.status == 503)
        }
        #expect(client.unreadCount == 0 && farClient.unreadCount == 0)

        try await comeBack(absence, cluster)
        try await expectGoingOn(absence, client, after: before, farClient, after: farBefore)
        // Whoever was thought dead may be removed first, and comes back.
        await cluster.advance(by: .seconds(15))
        try await cluster.converge()
        try await expectSettled(cluster)
        cluster.expectAtMostOneInstance()
    }

    private func leave(_ absence: Absence, _ cluster: TestCluster) async throws {
        switch absence {
        case .paused: for node in 1...2 { await cluster.pause(node) }
        case .killed: for node in 1...2 { await cluster.kill(node) }
        case .cutOff: await cluster.partition([0], [1], [2])
        }
    }

    private func comeBack(_ absence: Absence, _ cluster: TestCluster) async throws {
        switch absence {
        case .paused: for node in 1...2 { await cluster.resume(node) }
        case .killed: for node in 1...2 { try await cluster.restart(node) }
        case .cutOff: await cluster.heal()
        }
    }

    private func expectGoingOn(
        _ absence: Absence,
        _ client: TestWebSocket,
        after before: Counter.Reading,
        _ farClient: TestWebSocket,
        after farBefore: Counter.Reading
    ) async throws {
        let answer = try await client.reading()
        #expect(answer.count == before.count + 1)
        #expect(answer.instance == before.instance)
        let farAfter = try await farClient.reading()
        switch absence {
        case .paused:
            #expect(farAfter.instance == farBefore.instance)
            #expect(farAfter.count == farBefore.count + 1)
        case .cutOff:
            let isSame = farAfter.instance == farBefore.instance
            #expect(farAfter.count == (isSame ? farBefore.count + 1 : 1))
        case .killed:
            #expect(farAfter.instance != farBefore.instance)
            #expect(farAfter.count == 1)
        }
    }

    /// What the status of a cluster at rest says.
    private func expectSettled(_ cluster: TestCluster) async throws {
        // Who leads is known a little later.
        await cluster.advance(by: .seconds(1))
        for node in 0..<3 {
            let report = try await cluster.report(by: node)
            #expect(report.view.voters == ["node-1", "node-2", "node-3"])
            #expect(report.view.voters.contains(try #require(report.view.leader)))
            #expect(report.view.stableEpoch == report.view.epoch)
            #expect(report.view.converged)
            let figures = report.nodes.compactMap(\.figures)
            #expect(figures.count == 3)
            for figures in figures {
                #expect(figures.epoch == report.view.epoch)
                #expect(figures.role == "active")
                #expect(figures.isVoter)
                #expect(figures.releasesAwaited.isEmpty)
                #expect(figures.sessions.parked == 0)
                #expect(figures.partitions.owned == figures.partitions.running)
                #expect((1...1_000).contains(try #require(figures.leaseMilliseconds)))
            }
            #expect(figures.reduce(0) { $0 + $1.partitions.owned } == 65_536)
        }
    }

    /// What the status of a node without a majority says.
    private func expectFrozen(_ cluster: TestCluster, own: String, far: String) async throws {
        try await cluster.waitUntilParked(1, on: 0)
        await cluster.advance(by: .seconds(1))
        let report = try await cluster.report(by: 0)
        #expect(!report.view.converged)
        #expect(report.view.voters.count == 3)
        #expect(report.nodes.filter(\.isReachable).map(\.name) == ["node-1"])
        let figures = try await cluster.figures(of: 0)
        #expect(figures.leaseMilliseconds == nil)
        #expect(figures.sessions.edge == 2)
        #expect(try #require(figures.counters["leases_lost"]) > 0)
        #expect(try await cluster.locate("Counter", own, by: 0).state == .frozen)
        #expect(try await cluster.locate("Counter", far, by: 0).state == .unknown)
        #expect(try await cluster.ask("/ready", of: 0).status == 503)
    }
}
