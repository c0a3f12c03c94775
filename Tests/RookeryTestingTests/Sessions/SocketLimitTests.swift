import Rookery
import Testing

@testable import RookeryTesting

/// How many sessions an object may have, and how long a client waits for one that nobody has.
@Suite(.timeLimit(.minutes(15)), .seeded) struct SocketLimitTests {
    @Test func `an object has as many sessions as it may over all nodes, and one more is refused`()
        async throws
    {
        let cluster = try await TestCluster(
            nodes: 2,
            seed: 65,
            objects: [Witness.self],
            settings: ["limit.sockets_per_object=3"]
        )
        let name = try await cluster.witness("full", on: 0)
        var clients: [TestWebSocket] = []
        for edge in [0, 1, 1] { clients.append(try await cluster.open(name, via: edge)) }
        for edge in 0..<2 {
            let error = await #expect(throws: TestClusterError.self) {
                _ = try await cluster.open(name, via: edge)
            }
            let told = error.map { "\($0)" } ?? ""
            #expect(told.contains("503"), "\(told)")
        }
        #expect(try await cluster.figures(of: 0).counters["socket_limit"] == 2)
        await clients[1].close()
        _ = try await clients[1].closed()
        let next = try await cluster.open(name, via: 1)
        #expect(try await next.ask("here") == "here")
        #expect(try await clients[0].ask("there") == "there")
    }

    @Test func `a client waits 10 s for an object that nobody has, and then may come back`()
        async throws
    {
        let cluster = try await TestCluster(
            nodes: 2,
            seed: 66,
            objects: [Witness.self],
            settings: ParkedLimitTests.settings
        )
        let voters = try #require(await cluster.status(of: 0)).voters
        let voter = voters == ["node-1"] ? 0 : 1
        let edge = 1 - voter
        let name = try await cluster.witness("lost", on: voter)
        await cluster.kill(voter)
        await cluster.advance(by: .seconds(3))
        let start = cluster.age
        let error = await #expect(throws: TestClusterError.self) {
            _ = try await cluster.open(name, via: edge)
        }
        let told = error.map { "\($0)" } ?? ""
        #expect(told.contains("503"), "\(told)")
        // It is looked at once a second.
        #expect((.seconds(10)...Duration.seconds(12)).contains(cluster.age - start))
        #expect(try await cluster.figures(of: edge).counters["parked_too_long"] == 1)
    }
}
