import Rookery
import RookeryTesting
import Testing

/// Clients that say nothing, and those that are not there any more.
@Suite(.timeLimit(.minutes(15)), .seeded) struct SilentClientTests {
    @Test func `a client that answers no ping is given up after 25 s and 20 s`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 91, objects: [Witness.self])
        let name = try await cluster.witness("silent", on: 0)
        for edge in 0..<2 {
            let silent = try await cluster.open(name, via: edge)
            let start = cluster.age
            await silent.pauseReading()
            await cluster.advance(by: .seconds(44))
            #expect(Witness.diary(of: name).count { $0 == "close 1006 " } == edge)
            try await cluster.wait(for: "its end") {
                Witness.diary(of: name).count { $0 == "close 1006 " } == edge + 1
            }
            // It is looked at about once a second.
            #expect(cluster.age - start < .seconds(49))
            #expect(try await cluster.figures(of: edge).counters["ping_timeout"] == 1)
        }
    }

    @Test func `a client that only answers pings stays`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 92, objects: [Witness.self])
        let name = try await cluster.witness("quiet", on: 0)
        let quiet = try await cluster.open(name, via: 1)
        await cluster.advance(by: .seconds(60))
        #expect(try await quiet.ask("still here") == "still here")
    }
}
