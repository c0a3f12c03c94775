import Foundation
import Placement
import Primitives
import Testing
import Transport

@testable import Node

@Suite struct DoctorChecksTests {
    private let configuration = NodeConfiguration()

    /// What is just enough is well, and one less is not.
    @Test func `the machine is measured by the configuration`() {
        var facts = MachineFacts()
        func results() -> [DoctorFinding.Result] {
            [
                DoctorChecks.descriptors(facts, configuration).result,
                DoctorChecks.memory(facts, configuration).result,
                DoctorChecks.listenQueue(facts)?.result ?? .failure,
                DoctorChecks.outgoingPorts(facts, configuration)?.result ?? .failure,
            ]
        }
        facts.descriptorsMax = configuration.limit.connections + DoctorChecks.ownDescriptors
        facts.memoryBytes = 4 << 30
        facts.listenQueue = 4_096
        facts.outgoingPorts = 9_002...60_999
        #expect(results() == [.ok, .ok, .ok, .ok])
        facts.descriptorsMax -= 1
        facts.groupMemoryBytes = (4 << 30) - 4
        facts.listenQueue = 4_095
        facts.outgoingPorts = 9_001...60_999
        #expect(results() == [.warning, .warning, .warning, .warning])
    }

    @Test func `what the kernel does not tell is no trouble`() {
        let facts = MachineFacts()
        #expect(DoctorChecks.listenQueue(facts) == nil)
        #expect(DoctorChecks.outgoingPorts(facts, configuration) == nil)
        #expect(DoctorChecks.swap(facts) == nil && DoctorChecks.overcommit(facts) == nil)
        #expect(DoctorChecks.memory(facts, configuration).result == .ok)
        #expect(DoctorChecks.clock(facts).result == .ok)
    }

    @Test func `what the kernel writes is read`() {
        #expect(MachineFacts.memory(in: "MemFree: 1 kB\nMemTotal:   2048 kB\n") == 2 << 20)
        #expect(MachineFacts.memory(in: "MemTotal: much") == nil)
        #expect(MachineFacts.limit("max\n") == nil && MachineFacts.limit("1024\n") == 1_024)
        #expect(MachineFacts.limit("9223372036854771712") == nil)
        #expect(MachineFacts.range("32768\t60999\n") == 32_768...60_999)
        #expect(MachineFacts.range("2 1") == nil && MachineFacts.range("1") == nil)
        #expect(MachineFacts.now.memoryBytes ?? 0 > 1 << 20)
    }

    @Test(arguments: [
        (SeedProbe.LinkResult.known, true as Bool?, DoctorFinding.Result.ok), (.known, nil, .ok),
        (.known, false, .failure), (.refused("x"), true, .failure),
        (.unreachable("x"), true, .failure), (.unreachable("x"), false, .warning),
    ])
    func `a seed is well when both ways are`(
        _ link: SeedProbe.LinkResult,
        _ answersByUDP: Bool?,
        _ result: DoctorFinding.Result
    ) {
        let finding = DoctorChecks.seed(
            .loopback(port: 1),
            link,
            answersByUDP: answersByUDP
        )
        #expect(finding.result == result)
        #expect((finding.remedy == nil) == (result == .ok))
    }

    @Test func `a node that runs outside of the cluster of its seeds is a failure`() throws {
        var configuration = configuration
        configuration.seeds = [try #require(SeedAddress("10.0.0.2:7001"))]
        var report = StatusReport.example
        func found() -> String? {
            DoctorChecks.membership(of: "node-1", report, configuration)?.found
        }
        #expect(found() == nil)
        report.view.members = 1
        #expect(found() == "node-1 is a cluster by itself, and node-2 are another one")
        report.nodes[0].figures?.role = nil
        report.view.voters = ["node-2"]
        #expect(found() == "node-1 runs and is no member: it waits for the voters node-2")
        report.view.voters = []
        #expect(found() == "node-1 runs and is no member")
    }

    @Test func `the clocks of others are compared, and those that are right are one line`() {
        var report = StatusReport.example
        #expect(DoctorChecks.clocks(report).isEmpty, "of a version that does not tell")
        report.nodes[0].figures?.clock = .init(aheadMilliseconds: -3, errorMilliseconds: 1)
        report.nodes[1].figures?.clock = .init(aheadMilliseconds: 5_000, errorMilliseconds: 2)
        let findings = DoctorChecks.clocks(report)
        #expect(findings.map(\.result) == [.ok, .warning])
        #expect(findings[0].found == "those of the others are within 4 ms of this one")
        #expect(findings[1].check == "clock of node-2")
        #expect(findings[1].found == "5.0 s ahead of that of this node, give or take 2 ms")
    }

    @Test func `a name that is held is a failure`() throws {
        let name = try #require(NodeID("a"))
        let holder = SocketAddress.loopback(port: 7)
        let held = DoctorChecks.nameInUse(name, [.free(voters: 3), .held(by: holder)])
        #expect(held?.result == .failure && held?.found.contains("127.0.0.1:7") == true)
        #expect(DoctorChecks.nameInUse(name, [.free(voters: 3)])?.result == .ok)
        #expect(DoctorChecks.nameInUse(name, []) == nil)
    }

    @Test func `loopback is nothing to tell others who are elsewhere`() throws {
        var configuration = configuration
        configuration.seeds = [try #require(SeedAddress("10.0.0.2:7001"))]
        #expect(DoctorChecks.advertised(configuration).result == .failure)
        configuration.peer.advertise = SocketAddress("10.0.0.1:7001")
        #expect(DoctorChecks.advertised(configuration).result == .ok)
    }

    @Test func `the worst finding is that of the report`() throws {
        var report = DoctorReport([.ok("a", "b")])
        #expect(report.result == .ok && report.text.hasSuffix("\n\nAll is well.\n"))
        report.findings.append(.warning("long word", "c", "do it"))
        #expect(report.result == .warning)
        report.findings.append(.failure("d", "e", "mend it"))
        #expect(report.result == .failure)
        #expect(
            report.text == """
                ok       a          b
                warning  long word  c
                                    → do it
                failure  d          e
                                    → mend it

                1 failure, 1 warning.

                """
        )
        let json = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(DoctorReport.self, from: json) == report)
    }
}

@Suite struct DoctorFolderTests {
    private func results(_ configuration: NodeConfiguration, _ name: String) throws -> [String] {
        let findings = DoctorChecks.folder(configuration, try #require(NodeID(name)))
        return findings.map { "\($0.check) \($0.result)" }
    }

    private func withFolder(_ body: (inout NodeConfiguration, URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("rook-doctor-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = NodeConfiguration()
        configuration.data.directory = folder.path
        try body(&configuration, folder)
    }

    @Test func `a folder is looked at and left as it was`() throws {
        try withFolder { configuration, folder in
            #expect(try results(configuration, "a") == ["folder ok"])
            #expect(!FileManager.default.fileExists(atPath: folder.path))
            _ = try StateFile.open(directory: folder.path, node: try #require(NodeID("a")))
            #expect(
                try results(configuration, "a") == ["folder ok", "state ok", "disk ok", "space ok"]
            )
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["lock"])
        }
    }

    @Test func `a state of this node alone is suspicious where there are other seeds`() throws {
        try withFolder { configuration, folder in
            let files = FileManager.default
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            var state = PersistentState.sample()
            state.id = try #require(NodeID("a"))
            state.accepted = nil
            let run = NodeRun(id: state.id, incarnation: Incarnation(7))
            state.view.members = [OwnershipMember(run: run, address: .loopback(port: 7_001))]
            (state.view.voters, state.view.latestRuns) = ([state.id], [run])
            try Data(state.encoded).write(to: folder.appendingPathComponent("state"))
            #expect(try results(configuration, "a").contains("state ok"))
            configuration.seeds = try ["10.0.0.1:7001", "10.0.0.2:7001"].map {
                try #require(SeedAddress($0))
            }
            #expect(try results(configuration, "a").contains("state warning"))
        }
    }

    @Test func `what is none of the node's is a failure`() throws {
        try withFolder { configuration, folder in
            try Data("x".utf8).write(to: folder)
            #expect(try results(configuration, "a") == ["folder failure"])
        }
        try withFolder { configuration, folder in
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("other bytes".utf8).write(to: folder.appendingPathComponent("state"))
            #expect(try results(configuration, "a").contains("state failure"))
        }
    }

    @Test func `a folder that others may write to is a warning`() throws {
        try withFolder { configuration, folder in
            let files = FileManager.default
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            try files.setAttributes([.posixPermissions: 0o770], ofItemAtPath: folder.path)
            #expect(try results(configuration, "a").first == "folder warning")
        }
    }

    @Test func `a port that is taken is named`() throws {
        let loop = try EventLoop()
        let listener = try Listener(on: .loopback(port: 0), loop: loop) { _, _ in }
        var configuration = NodeConfiguration()
        configuration.peer.listen = listener.address
        configuration.client.listen = .loopback(port: 0)
        configuration.admin.listen = .loopback(port: 0)
        let free = DoctorChecks.ports(configuration, running: false)
        #expect(free.map(\.result) == [.failure, .ok, .ok])
        #expect(free[0].remedy?.contains("\(listener.address.port)") == true)
        let own = DoctorChecks.ports(configuration, running: true)
        #expect(own.map(\.result) == [.ok, .ok, .ok])
    }
}
