import Rookery
import Testing

@testable import RookeryTesting

/// Takes an hour to accept a client.
private actor Hesitant: DurableObject {
    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) async throws -> Response {
        guard request.webSocket != nil else { return .text("here") }
        let time = Int(request.target.split(separator: "/").last ?? "") ?? 3_600
        try await context.clock.sleep(for: .seconds(time))
        return .upgrade
    }
}

/// Handshakes that take too long: the first one, and the last one.
@Suite(.timeLimit(.minutes(15)), .seeded) struct StalledHandshakeTests {
    @Test func `an object may take a minute to accept a client, and no longer`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 62, objects: [Hesitant.self])
        for edge in 0..<2 {
            let quick = try await cluster.webSocket(
                "/objects/Hesitant/quick-\(edge)/59",
                via: edge,
                within: .seconds(100)
            )
            #expect(quick.isOpen)
            let start = cluster.age
            await #expect(throws: TestClusterError.self) {
                _ = try await cluster.webSocket(
                    "/objects/Hesitant/slow-\(edge)/3600",
                    via: edge,
                    within: .seconds(100)
                )
            }
            // It is looked at about once a second.
            #expect((.seconds(60)...Duration.seconds(63)).contains(cluster.age - start))
            #expect(try await cluster.figures(of: edge).counters["upgrade_stalled"] == 1)
        }
    }

    @Test func `who does not answer a Close has 5 s`() async throws {
        let cluster = try await TestCluster(nodes: 2, seed: 63, objects: [Witness.self])
        let name = try await cluster.witness("deaf", on: 0)
        for edge in 0..<2 {
            let deaf = try await cluster.open(name, via: edge)
            await deaf.pauseReading()
            let start = cluster.age
            await deaf.send("close 4001 over")
            await cluster.advance(by: .milliseconds(4_900))
            #expect(try await cluster.figures(of: edge).sessions.edge == 1)
            try await cluster.wait(for: "its end") {
                Witness.diary(of: name).count { $0.hasPrefix("close") } == edge + 1
            }
            #expect(cluster.age - start < .seconds(7))
            #expect(try await cluster.figures(of: edge).counters["close_timeout"] == 1)
            #expect(try await cluster.figures(of: edge).sessions.edge == 0)
        }
    }
}
