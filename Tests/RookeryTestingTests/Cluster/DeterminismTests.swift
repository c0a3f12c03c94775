import RookeryTesting
import Testing

/// The same seed is the same run.
@Suite(.timeLimit(.minutes(15)), .seeded) struct DeterminismTests {
    /// What happened in a run.
    private struct Outcome: Equatable {
        let trace: UInt64
        let log: [String]
        let transcripts: [[TestWebSocket.Line]]
        let age: Duration
    }

    /// A run with a bit of everything.
    private func run(seed: UInt64) async throws -> Outcome {
        let cluster = try await TestCluster(nodes: 3, seed: seed, objects: [Room.self])
        var sockets: [TestWebSocket] = []
        for node in 0..<3 {
            sockets.append(try await cluster.webSocket("/objects/Room/lobby", via: node))
        }
        await cluster.setLoss(0.05)
        for socket in sockets { await socket.send("hello") }
        await cluster.advance(by: .milliseconds(500))
        _ = try await cluster.fetch("/objects/Room/other", method: "POST", body: [], via: 1)
        await cluster.partition([0], [1, 2])
        for socket in sockets { await socket.send("cut off") }
        await cluster.advance(by: .seconds(4))
        await cluster.heal()
        await cluster.setLoss(0)
        await cluster.kill(2)
        await cluster.advance(by: .seconds(3))
        try await cluster.restart(2)
        await cluster.advance(by: .seconds(2))
        cluster.expectAtMostOneInstance()
        return Outcome(
            trace: cluster.trace,
            log: cluster.log,
            transcripts: sockets.map(\.transcript),
            age: cluster.age
        )
    }

    @Test(arguments: [1, 7] as [UInt64])
    func `two runs with one seed are the same, event by event`(seed: UInt64) async throws {
        let first = try await run(seed: seed)
        let second = try await run(seed: seed)
        #expect(first.log == second.log)
        #expect(first.transcripts == second.transcripts)
        #expect(first == second)
        #expect(first.transcripts.allSatisfy { !$0.isEmpty })
    }

    @Test func `another seed is another run`() async throws {
        let traces = try await [run(seed: 1).trace, run(seed: 2).trace]
        #expect(traces[0] != traces[1])
    }
}
