import Testing

extension ProcessTests {
    @Suite struct ConvergenceTests {
        @Test func `three nodes become one cluster with one ring`() async throws {
            try await LocalNodes.run(3) { nodes in
                var rings: Set<String> = []
                for node in nodes.all {
                    let report = try await node.status()
                    #expect(report.view.converged)
                    #expect(report.members.map(\.name) == ["node-1", "node-2", "node-3"])
                    #expect(report.members.allSatisfy { $0.state == .alive })
                    rings.insert(report.view.ringHash)
                }
                #expect(rings.count == 1)
            }
        }
    }
}
