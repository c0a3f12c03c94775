import Foundation
import Node
import Primitives
import Synchronization

/// Some nodes on this machine, each a process that ends with this one.
final class LocalCluster: Sendable {
    enum Ending: Sendable {
        case signal
        case node(String, status: Int32)
    }

    private struct Member: Sendable {
        let name: String
        let peer: SocketAddress
        let client: SocketAddress
        let admin: SocketAddress
    }

    /// How long the nodes may take to find each other before that is said.
    private static let patience = Duration.seconds(20)

    private let members: [Member]
    private let overrides: [String]
    /// A folder of this run alone: the secret that its nodes share, unless one is set, and the state
    /// of each.
    private let directory: URL
    private let setsSecret: Bool
    private let processes = Mutex<[Process]>([])
    private let started = ContinuousClock.now

    init(_ options: ClusterOptions) throws {
        overrides = options.overrides
        setsSecret = options.setsSecret
        let base = options.basePort
        members = (1...UInt16(options.nodeCount)).map { number in
            Member(
                name: "node-\(number)",
                peer: .loopback(port: base + number),
                client: .loopback(port: base + 1_000 + number),
                admin: .loopback(port: base + 2_000 + number)
            )
        }
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("rook-cluster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        if !setsSecret { try makeSecret() }
    }

    private func makeSecret() throws {
        var random = SystemRandomNumberGenerator()
        let secret = Data(Secret.random(using: &random).base64.utf8)
        let isMade = FileManager.default.createFile(
            atPath: secretPath,
            contents: secret,
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade else { throw CocoaError(.fileWriteUnknown) }
    }

    private var secretPath: String { directory.appendingPathComponent("secret").path }

    func cleanUp() { try? FileManager.default.removeItem(at: directory) }

    /// True when no node runs any more.
    var isEnded: Bool { processes.withLock { !$0.contains(where: \.isRunning) } }

    /// What the nodes that have ended say together.
    var status: ExitStatus {
        processes.withLock { $0.allSatisfy { $0.terminationStatus == 0 } ? .done : .failed }
    }

    func stop() { processes.withLock { for process in $0 { process.terminate() } } }

    func kill() {
        processes.withLock { running in
            for process in running where process.isRunning {
                Foundation.kill(process.processIdentifier, SIGKILL)
            }
        }
    }

    // MARK: - Starting

    func start(_ ended: @escaping @Sendable (Ending) -> Void) throws {
        for member in members {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = arguments(of: member)
            var environment = ProcessInfo.processInfo.environment
            environment[Lifeline.variable] = "1"
            for name in SupervisorAddress.variables { environment[name] = nil }
            process.environment = environment
            // Held open until this process ends: the node watches it.
            process.standardInput = Pipe()
            process.standardOutput = FileHandle.nullDevice
            let log = Pipe()
            process.standardError = log
            LinePrinter.start(log.fileHandleForReading, prefix: member.name)
            process.terminationHandler = { process in
                ended(.node(member.name, status: process.terminationStatus))
            }
            try process.run()
            processes.withLock { $0.append(process) }
        }
    }

    private func arguments(of member: Member) -> [String] {
        let seeds = members.map { "\($0.peer)" }.joined(separator: ",")
        let settings = [
            "node.name=\(member.name)", "peer.listen=\(member.peer)",
            "client.listen=\(member.client)", "admin.listen=\(member.admin)", "seeds=\(seeds)",
            "threads=1", "data.directory=\(directory.appendingPathComponent(member.name).path)",
        ]
        let secret = setsSecret ? [] : ["cluster.secret_file=\(secretPath)"]
        return ["serve"] + (settings + secret + overrides).flatMap { ["--set", $0] }
    }

    // MARK: - Telling the user

    /// Prints where to connect, and the status once the nodes have found each other.
    func greet(_ examplePaths: [String]) async {
        say("\(ProgramName.current): starting \(members.count) nodes; Ctrl-C ends them")
        guard let report = await convergedReport() else { return }
        let clients = members.map { member in
            examplePaths.isEmpty
                ? "http://\(member.client)"
                : examplePaths.map { "ws://\(member.client)\($0)" }.joined(separator: "  ")
        }
        let addresses = members.map { "\($0.admin)" }.joined(separator: " ")
        say(
            """

            \(StatusTable.text(of: report))
            The nodes are one cluster. Connect clients to any of them:
              \(clients.joined(separator: "\n  "))
            Admin: \(addresses) (rook status --admin \(members[0].admin))

            """
        )
    }

    private func convergedReport() async -> StatusReport? {
        let deadline = ContinuousClock.now + Self.patience
        let client = AdminClient(address: members[0].admin, token: nil)
        var hasWarned = false
        while !Task.isCancelled {
            if let json = try? await client.get("/cluster/status"),
                let report = try? StatusReport(json: json), report.view.converged,
                report.view.members == members.count, isOurs(report)
            {
                return report
            }
            if ContinuousClock.now > deadline, !hasWarned {
                hasWarned = true
                complain("the nodes have not found each other yet; still waiting")
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    /// False for another cluster at the same addresses, whose nodes ran before this one began.
    private func isOurs(_ report: StatusReport) -> Bool {
        let age = (ContinuousClock.now - started).inSeconds
        return report.nodes.allSatisfy { $0.figures.map { $0.uptimeSeconds <= age } ?? false }
    }
}
