import Testing

extension ProcessTests {
    @Suite struct ChurnTests {
        static let warmUp = 500
        static let rounds = 2_000
        static let atOnce = 100
        /// Five hundred bytes kept of each client would be more; the try-out has more of them.
        static let growthMax = 1_000_000

        @Test func `clients that come and go leave nothing behind`() async throws {
            try await LocalNodes.run(2) { nodes in
                try await churn(Self.warmUp, nodes)
                let before = try nodes.all.map { try Footprint($0.process) }
                try await churn(Self.rounds, nodes)
                let after = try nodes.all.map { try Footprint($0.process) }
                for (earlier, later) in zip(before, after) {
                    // One more may be the connection that asked for the status, on its way out.
                    #expect(later.descriptors <= earlier.descriptors + 1)
                    let growth = later.memory - earlier.memory
                    #expect(growth < Self.growthMax, "\(growth) bytes")
                }
            }
        }

        /// Half of the clients close, the others just go.
        private func churn(_ count: Int, _ nodes: LocalNodes) async throws {
            for _ in 0..<(count / Self.atOnce) {
                try await withThrowingTaskGroup { group in
                    for number in 0..<Self.atOnce {
                        let node = nodes[number % 2]
                        group.addTask {
                            let client = try await node.webSocket("/objects/Echo/churn")
                            guard number % 4 < 2 else { return await client.abort() }
                            await client.close()
                            _ = try await client.closed()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await nodes.waitForNoSessions()
        }
    }
}

/// What a process holds of the machine.
private struct Footprint {
    let descriptors: Int
    let memory: Int

    init(_ process: RookProcess) throws {
        descriptors = try process.descriptorCount
        memory = try process.residentBytes
    }
}
