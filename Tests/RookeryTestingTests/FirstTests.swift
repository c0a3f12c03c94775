import Foundation
import Node
import Primitives
import RookeryTesting
import Testing
import Wire

/// Says to everybody what anybody says.
actor Room: DurableObject {
    let context: ObjectContext
    private var count = 0

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) -> Response {
        if request.webSocket != nil { return .upgrade }
        count += 1
        return .text("\(count) on \(context.node)")
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
        count += 1
        context.broadcast("\(count) \(message.text)")
    }
}

@Suite(.timeLimit(.minutes(2))) struct FirstTests {
    @Test func `a room survives its owner`() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let cluster = try await TestCluster(nodes: 5, seed: 7, objects: [Room.self])
        print("converged", clock.now - start, cluster.age)
        let ann = try await cluster.webSocket("/objects/Room/lobby", via: 0)
        let bob = try await cluster.webSocket("/objects/Room/lobby", via: 3)
        await ann.send("hello")
        #expect(try await bob.receive() == "1 hello")
        #expect(try await ann.receive() == "1 hello")
        let owner = try #require(await cluster.owner(of: "Room", named: "lobby"))
        print("served", clock.now - start, cluster.age, owner)
        print(cluster.instances(of: "Room", named: "lobby"))
        let carl = try await cluster.webSocket("/objects/Room/lobby", via: (owner + 1) % 5)
        await cluster.kill(owner)
        await carl.send("again")
        print(try await carl.receive())
        print("moved", clock.now - start, cluster.age)
        await cluster.expectConverged()
        print("converged", clock.now - start, cluster.age, cluster.trace)
        cluster.expectAtMostOneInstance()
        print(cluster.log.joined(separator: "\n"))
    }
}
