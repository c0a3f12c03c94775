import Node
import Testing
import Wire

extension ProcessTests {
    /// A node that has no descriptor left (`ulimit -n`).
    @Suite struct DescriptorTests {
        static let descriptorsMax = 128
        /// More than there are descriptors for: some wait in the kernel's queue.
        static let clientCount = 200
        /// As `Listener.exhaustionPause`: how long it is until the next look.
        static let pause = Duration.milliseconds(100)

        @Test func `a node without descriptors serves on, does not spin, and accepts again later`()
            async throws
        {
            // A client that says nothing would be cut off, and its descriptor taken by the next.
            let settings = ["limit.header_time=5m"]
            try await LocalNodes.run(2, settings: settings, descriptorsMax: Self.descriptorsMax) {
                nodes in
                let guests = [try await nodes[0].webSocket(), try await nodes[1].webSocket()]
                let admin = try await KeptAdmin(of: nodes[0])
                let before = try nodes[0].process.descriptorCount
                #expect(try await admin.pauses() == 0)

                var crowd: [TestConnection] = []
                for _ in 0..<Self.clientCount {
                    crowd.append(try await TestConnection.open(to: nodes[0].client))
                }
                try await eventually("a pause") { try await admin.pauses() > 0 }

                try await expectIdle(nodes[0], pauses: 10, as: admin)
                try await exchange("those who are in stay in", from: 0, among: guests)

                for client in crowd { await client.abort() }
                // A few more may be links that came after the count.
                try await eventually("the crowd's descriptors are free again") {
                    try nodes[0].process.descriptorCount <= before + 8
                }
                try await expectService(of: nodes[0])
                let pauses = try await admin.pauses()
                try await expectService(of: nodes[0])
                #expect(try await admin.pauses() == pauses)
                try await exchange("as before", from: 1, among: guests)
            }
        }

        /// While it pauses so many times, the node uses little time, and looks no more often.
        private func expectIdle(
            _ node: LocalNode,
            pauses count: Int,
            as admin: KeptAdmin
        ) async throws {
            let start = ContinuousClock.now
            let usedBefore = try node.process.processorTime
            let first = try await admin.pauses()
            // Few questions, since each costs the node time too.
            let last = try await eventually("\(count) pauses", every: Self.pause * 2) {
                let pauses = try await admin.pauses()
                return pauses < first + UInt64(count) ? nil : pauses
            }
            let used = try node.process.processorTime - usedBefore
            let passed = ContinuousClock.now - start
            #expect(used < passed / 3, "\(used) in \(passed)")
            #expect(Self.pause * Int(last - first - 1) <= passed)
        }

        private func expectService(of node: LocalNode) async throws {
            #expect(try await node.fetch("/").status == 200)
            let client = try await node.webSocket("/objects/Echo/again")
            await client.send("hello")
            #expect(try await client.receiveText() == "hello")
            await client.close()
            _ = try await client.closed()
        }

        @Test func `a node with too few descriptors to start says so`() async throws {
            // With 4, the program can load its libraries, and no more.
            for descriptorsMax in [4, 31] {
                let arguments = ["serve", "--set", "client.listen=127.0.0.1:0"]
                let process = try RookProcess(arguments, descriptorsMax: descriptorsMax)
                #expect(try await process.exit() == .status(1))
                #expect(process.errorLines.count == 1, "\(process.errorText)")
                #expect(process.errorText.contains("ulimit -n is \(descriptorsMax)"))
            }
        }
    }
}

/// A connection to a node's admin side that was made while there were descriptors.
private struct KeptAdmin {
    let node: LocalNode
    let connection: TestConnection

    init(of node: LocalNode) async throws {
        self.node = node
        connection = try await TestConnection.open(to: node.admin)
    }

    /// How often the node has paused to accept.
    func pauses() async throws -> UInt64 {
        await connection.write(HTTPRequestText(.get, "/cluster/status").bytes)
        let answer = try await HTTPAnswer.read(from: connection, to: .get)
        let report = try StatusReport(json: answer.body)
        let own = try #require(report.nodes.first { $0.name == node.name }?.figures)
        return own.counters["accept_paused"] ?? 0
    }
}
