import Placement
import Primitives
import Testing
import Wire

@testable import Node

@Suite(.onTestLoop) struct SessionHomeTests {
    private let home = SessionHome(loop: TestLoop.shared, settings: SessionSettings())

    private func run(of node: Int, _ incarnation: UInt64 = 1) throws -> NodeRun {
        NodeRun(
            id: try #require(NodeID("node-\(node)")),
            incarnation: Incarnation(incarnation)
        )
    }

    @Test func `sessions that asked the same run of a node share it`() throws {
        let first = home.owner(try run(of: 1))
        #expect(home.owner(try run(of: 1)) === first)
        let later = home.owner(try run(of: 1, 2))
        #expect(later !== first)
        #expect(later.run == (try run(of: 1, 2)))
        #expect(first.run == (try run(of: 1)))
        #expect(home.owners.count == 1)
    }

    @Test func `runs of no more nodes than the limit are remembered`() throws {
        for node in 1...SessionHome.ownersMax { _ = home.owner(try run(of: node)) }
        #expect(home.owners.count == SessionHome.ownersMax)
        let next = home.owner(try run(of: 0))
        #expect(home.owners.count == 1)
        #expect(home.owner(try run(of: 0)) === next)
    }

    @Test func `the memory of a message serves the next one, unless it is large`() {
        for (count, isKept) in [
            (SessionHome.messageBytesMax, true), (1 + SessionHome.messageBytesMax, false),
        ] {
            home.giveBack(WebSocketMessage(kind: .binary, payload: []))
            home.giveBack(
                WebSocketMessage(kind: .binary, payload: [UInt8](repeating: 1, count: count))
            )
            #expect((home.takeMessage().payload.count == count) == isKept)
            #expect(home.takeMessage().payload.isEmpty)
        }
    }
}
