import Rookery
import Testing
import Wire

@testable import Node
@testable import RookeryTesting

/// Nodes that are replaced, one after the other, by ones of a build that speaks the next version of
/// the link.
@Suite(.timeLimit(.minutes(15)), .seeded) struct UpgradeTests {
    /// What this build speaks.
    static let present = LinkHandshake.versions
    /// What the next one will: its own version, and the one before.
    static let next = present.upperBound...present.upperBound + 1
    /// What the one after that would, if it had given up the version before too early.
    static let later = next.upperBound...next.upperBound

    private let old = Int(present.upperBound)
    private let new = Int(next.upperBound)

    @Test func `a rolling upgrade and the way back lose no message`() async throws {
        let cluster = try await TestCluster(
            nodes: 3,
            seed: 86,
            objects: [Chronicle.self],
            settings: ["drain.rate=40"]
        )
        // So that messages are on their way when their objects move.
        await cluster.setDelay(.milliseconds(2)...(.milliseconds(10)))
        let talkers = try await Talkers(6, "upgrade", cluster)
        #expect(try await cluster.report(by: 0).linkVersions == [old])
        // By pair: any with an old node in it speaks the old version.
        let steps = [
            (Self.next, [[old], [old, new], [new]]),
            (Self.present, [[old, new], [old], [old]]),
        ]
        for (versions, spoken) in steps {
            for index in 0..<3 {
                try await talkers.talk(for: .milliseconds(200))
                try await talkers.talk(untilGone: index)
                cluster.node(index).linkVersions = versions
                try await cluster.restart(index)
                try await talkers.talkUntilConverged()
                let report = try await cluster.report(by: (index + 1) % 3)
                #expect(report.linkVersions == spoken[index], "node-\(index + 1)")
                expectHighestCommonVersions(report, in: cluster)
                expectWords(report, in: cluster)
            }
        }
        await cluster.advance(by: .seconds(2))
        talkers.expectWhole()
        // A third of them at each node, and those who came from the ones before, twice.
        #expect(talkers.closes.count >= 12)
        cluster.expectAtMostOneInstance()
    }

    /// Both ends of each link say so.
    private func expectHighestCommonVersions(_ report: StatusReport, in cluster: TestCluster) {
        var highest: [String: Int] = [:]
        for node in cluster.allNodes { highest[node.name] = Int(node.linkVersions.upperBound) }
        for node in report.nodes {
            let links = node.figures?.links ?? []
            #expect(links.count == 2 && links.allSatisfy(\.isUp))
            for link in links {
                let common = min(highest[node.name] ?? 0, highest[link.node] ?? 0)
                #expect(link.version == common, "\(node.name) with \(link.node)")
            }
        }
    }

    /// Who is behind, while two nodes speak what it does not.
    private func expectWords(_ report: StatusReport, in cluster: TestCluster) {
        let text = StatusTable.text(of: report)
        guard report.linkVersions.count > 1 else {
            #expect(text.contains(", link version \(report.linkVersions.first ?? 0))"))
            return #expect(!text.contains("!"))
        }
        #expect(text.contains(", link versions \(old), \(new))"))
        let behind = cluster.allNodes.filter { $0.linkVersions == Self.present }.map(\.name)
        let lines = behind.map { "! \($0) speaks link version \(old), and others \(new)" }
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("!") } == lines.map { $0[...] })
        #expect(lines.count == 1)
    }

    /// It left as a member, so it has a view and asks to come back.
    @Test func `a node with which nobody shares a version stays outside and disturbs nobody`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 88, objects: [Chronicle.self])
        let talkers = try await Talkers(6, "outsider", cluster)
        try await talkers.talk(untilGone: 2)
        cluster.node(2).linkVersions = Self.later
        try await cluster.restart(2)
        try await talkers.talk(for: .milliseconds(500))
        let before = try #require(await cluster.status(of: 0))
        // Longer than it would wait for links, and than a lease.
        try await talkers.talk(for: .seconds(4))
        await cluster.advance(by: .seconds(15))
        let after = try #require(await cluster.status(of: 0))
        #expect(after.members == ["node-1", "node-2"])
        #expect(after.epoch == before.epoch)
        try await expectOutside(2, of: cluster)
        // The build between the two is let in.
        cluster.node(2).linkVersions = Self.next
        try await cluster.restart(2)
        try await talkers.talkUntilConverged()
        await cluster.advance(by: .seconds(1))
        talkers.expectWhole()
        cluster.expectAtMostOneInstance()
    }

    /// Its own operator, and those of the others, can see why.
    private func expectOutside(_ outsider: Int, of cluster: TestCluster) async throws {
        let standing = try #require(await cluster.status(of: outsider))
        #expect(!standing.isMember)
        #expect(standing.linked.isEmpty)
        #expect(try await cluster.ask("/ready", of: outsider).status == 503)
        for node in [0, outsider] {
            let (own, its) =
                node == outsider ? (Self.later, Self.present) : (Self.present, Self.later)
            let words = [
                " node-\(node + 1) ", "a link was refused",
                "no version of the link that both speak",
                "its=\"\(its.lowerBound) to \(its.upperBound)\"",
                "own=\"\(own.lowerBound) to \(own.upperBound)\"",
            ]
            #expect(cluster.log.contains { line in words.allSatisfy(line.contains) }, "\(node)")
            let told = try await cluster.events(via: node).last { event in
                event.kind == "refusals" && event.node == "node-\(node + 1)"
            }
            #expect(told?.fields["version_refused"] != nil, "\(node)")
        }
    }

    /// Its disk proves that its former run is dead, so it takes that one's place at once; a lease later
    /// it is out again, as if it had not come back.
    @Test func `a killed node that comes back with another version is given up like a dead one`()
        async throws
    {
        let cluster = try await TestCluster(nodes: 3, seed: 89, objects: [Chronicle.self])
        let name = try #require(await cluster.names(1, of: "Chronicle", on: 2).first)
        let client = try await cluster.webSocket("/objects/Chronicle/\(name)", via: 0)
        await client.send("before")
        #expect(try await client.receive() == "before")
        await cluster.kill(2)
        let since = cluster.age
        cluster.node(2).linkVersions = Self.later
        try await cluster.restart(2)
        await client.send("after")
        // What had just been said may be handled again.
        while try await client.receive() != "after" {}
        #expect(cluster.age - since < .seconds(4))
        await cluster.advance(by: .seconds(10))
        for node in 0..<2 {
            #expect(await cluster.status(of: node)?.members == ["node-1", "node-2"])
        }
        #expect(client.isOpen)
        cluster.expectAtMostOneInstance()
    }
}
