import Foundation
import Node
import Primitives
import Rookery
import Synchronization
import Testing

@testable import RookeryTesting

/// What an operator learns of the objects of a cluster from any of its nodes, and does to one.
@Suite(.timeLimit(.minutes(15)), .seeded) struct OperatorTests {
    private func cluster(seed: UInt64) async throws -> TestCluster {
        try await TestCluster(nodes: 3, seed: seed, objects: [Witness.self])
    }

    @Test func `every node tells the same of an object, and wakes none`() async throws {
        let cluster = try await cluster(seed: 71)
        let name = try await cluster.witness("told", on: 1)
        for node in 0..<3 {
            let idle = try await cluster.inspect(name, via: node)
            #expect(idle.state == .idle)
            #expect(idle.owner == "node-2")
            #expect(idle.usage == nil)
        }
        #expect(cluster.instances(of: "Witness", named: name).isEmpty)
        let ann = try await cluster.open(name, "ann", via: 0)
        _ = try await cluster.open(name, "bob", via: 1)
        _ = try await ann.ask("sockets")
        await cluster.advance(by: .seconds(2))
        for node in 0..<3 {
            let live = try await cluster.inspect(name, via: node)
            let usage = try #require(live.usage)
            #expect(live.state == .live)
            #expect(usage.messages == 1)
            #expect(usage.bytes == 7)
            #expect(usage.sockets == 2)
            #expect(usage.edges.map(\.node) == ["node-1", "node-2"])
            #expect(usage.edges.map(\.sessions) == [1, 1])
            #expect(usage.edges[0].linkMilliseconds != nil)
            #expect(live.placement?.candidates.first?.node == "node-2")
            #expect(live.placement?.candidates.map(\.rank) == [1, 2, 3])
        }
        // Looking is no event: it falls asleep as if nobody had looked.
        for _ in 1...12 {
            await cluster.advance(by: .seconds(1))
            _ = try await cluster.inspect(name, via: 2)
        }
        let asleep = try await cluster.inspect(name, via: 0)
        #expect(asleep.state == .hibernated)
        #expect(asleep.usage?.messages == 1)
        #expect(cluster.instances(of: "Witness", named: name).isEmpty)
    }

    @Test func `the objects of all nodes are one list, page after page`() async throws {
        let cluster = try await cluster(seed: 72)
        var names: [String] = []
        for node in 0..<3 {
            for name in await cluster.names(4, of: "Witness", on: node) {
                names.append(name)
                _ = try await cluster.open(name, "ann", via: 0)
            }
        }
        for node in 0..<3 {
            var (found, cursor): ([ObjectRow], String?) = ([], nil)
            repeat {
                let query = "limit=5" + (cursor.map { "&cursor=\($0)" } ?? "")
                let list = try await cluster.list(query, via: node)
                #expect(list.objects.count <= 5)
                #expect(list.unanswered.isEmpty)
                found += list.objects
                cursor = list.next
            } while cursor != nil
            #expect(found.map(\.name) == names.sorted())
            #expect(Set(found.map(\.node)) == ["node-1", "node-2", "node-3"])
            #expect(found.allSatisfy { $0.state == .live && $0.sessions == 1 })
        }
        let top = try await cluster.list("sort=sessions&limit=3", via: 0)
        #expect(top.objects.map(\.name) == Array(names.sorted().prefix(3)))
        #expect(top.next == nil)
    }

    @Test func `a node that does not answer is named`() async throws {
        let cluster = try await cluster(seed: 73)
        await cluster.pause(2)
        let list = try await cluster.list("", via: 0)
        #expect(list.unanswered == ["node-3"])
    }

    @Test(arguments: ObjectRemoval.Manner.allCases)
    func `an instance goes as it is told to, and its sessions go on`(
        _ manner: ObjectRemoval.Manner
    ) async throws {
        let seed: UInt64 = manner == .move ? 74 : 75
        let cluster = try await TestCluster(nodes: 3, seed: seed, objects: [Leaver.self])
        let name = try #require(await cluster.names(1, of: "Leaver", on: 1).first)
        let key = try #require(ObjectKey(className: "Leaver", name: name))
        let client = try await cluster.webSocket("/objects/Leaver/\(name)", via: 0)
        let first = try await client.ask("who")
        let path = ObjectRemoval.path(of: key, manner)
        let answer = try await cluster.ask(path, "POST", of: 2)
        #expect(answer.status == 200)
        let removal = try ObjectRemoval(json: answer.body)
        #expect(removal.outcome == .gone)
        #expect(removal.node == "node-2")
        // Only the one that is moved hears of it.
        let farewells = Leaver.farewells.withLock { $0[first] }
        #expect(farewells == (manner == .move ? ["moving"] : nil))
        let second = try await client.ask("who")
        #expect(second != first)
        #expect(client.isOpen)
        let report = try ObjectReport(
            json: try await cluster.ask(ObjectReport.path(of: key), of: 0).body
        )
        #expect(report.owner == "node-2")
        #expect(report.instance == second)
        cluster.expectAtMostOneInstance()
    }

    @Test func `without an instance nothing is moved, and none is made`() async throws {
        let cluster = try await cluster(seed: 76)
        let name = try await cluster.witness("absent", on: 1)
        let key = try #require(ObjectKey(className: "Witness", name: name))
        for manner in ObjectRemoval.Manner.allCases {
            let path = ObjectRemoval.path(of: key, manner)
            let answer = try await cluster.ask(path, "POST", of: 0)
            #expect(try ObjectRemoval(json: answer.body).outcome == .absent)
        }
        #expect(cluster.instances(of: "Witness", named: name).isEmpty)
    }

    @Test func `members are told with what they say of themselves`() async throws {
        let cluster = try await cluster(seed: 77)
        await cluster.pause(2)
        let list = try await cluster.ask("/cluster/members", of: 0)
        let members = try JSONDecoder().decode(MemberList.self, from: Data(list.body)).members
        #expect(members.map(\.name) == ["node-1", "node-2", "node-3"])
        #expect(members.map(\.reachable) == [true, true, false])
        let one = try await cluster.ask("/cluster/members/node-2", of: 0)
        let details = try JSONDecoder().decode(MemberDetails.self, from: Data(one.body))
        #expect(details.member.role == "active")
        #expect(details.node?.figures != nil)
        #expect(try await cluster.ask("/cluster/members/node-9", of: 0).status == 404)
        #expect(try await cluster.ask("/cluster/members/a%20b", of: 0).status == 400)
    }
}

/// Says which instance it is, and notes how it leaves.
private actor Leaver: DurableObject {
    /// By the instance.
    static let farewells = Mutex<[String: [String]]>([:])

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {
        socket.send("\(context.instance)")
    }

    func willLeave(_ reason: LeaveReason) async throws {
        Self.farewells.withLock { $0["\(context.instance)", default: []].append("\(reason)") }
    }
}

extension TestCluster {
    fileprivate func inspect(_ name: String, via node: Int) async throws -> ObjectReport {
        let key = try #require(ObjectKey(className: "Witness", name: name))
        return try ObjectReport(json: try await ask(ObjectReport.path(of: key), of: node).body)
    }

    fileprivate func list(_ query: String, via node: Int) async throws -> ObjectList {
        try ObjectList(json: try await ask("/cluster/objects?\(query)", of: node).body)
    }
}
