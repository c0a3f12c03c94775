import Node
import Primitives
import Synchronization
import Transport
import Wire

/// One node of a test: its machine and its disk, and the process that runs there now.
final class TestNode: Sendable {
    /// What is in the way of a start.
    fileprivate struct Run: Sendable {
        var process: NodeProcess?
        var failure: String?
        /// Counts the processes of this node.
        var number = 0
        var isStarting = false
        var isPaused = false
        /// It has ended by itself.
        var end: NodeEnd?
    }

    let configuration: NodeConfiguration
    let name: String
    let host: VirtualHost
    let disk: VirtualDisk
    private let run = Mutex(Run())
    private let program: Mutex<ObjectRegistry>
    private let spoken = Mutex(LinkHandshake.versions)

    init(_ configuration: NodeConfiguration, _ classes: ObjectRegistry, in world: VirtualWorld) {
        self.configuration = configuration
        program = Mutex(classes)
        name = configuration.node.name?.name ?? ""
        host = world.addHost(name, at: configuration.peer.listen.ip)
        disk = VirtualDisk(number: UInt64(host.index) + 1)
    }

    /// Where the node with this number is reached by the others.
    static func peerAddress(_ index: Int) -> SocketAddress {
        SocketAddress(ip: .v4(0x7F01_0001 + UInt32(index)), port: 7_001)
    }

    /// As `rook serve` would make it of these settings.
    static func configuration(
        _ index: Int,
        seeds: [SocketAddress],
        _ settings: [String]
    ) throws(ConfigurationError) -> NodeConfiguration {
        let (address, name) = (peerAddress(index), "node-\(index + 1)")
        let own = [
            "node.name=\(name)", "data.directory=/virtual/\(name)", "threads=1",
            "peer.listen=\(address)", "client.listen=\(address.with(port: 8_001))",
            "admin.listen=\(address.with(port: 9_001))",
            "seeds=" + seeds.map(\.description).joined(separator: ","),
        ]
        return try NodeConfiguration.load(path: nil, overrides: settings + own).configuration
    }

    var isRunning: Bool { run.withLock { $0.process != nil } }
    var isStarting: Bool { run.withLock { $0.isStarting } }
    var failure: String? { run.withLock { $0.failure } }
    var process: NodeProcess? { run.withLock { $0.process } }
    var end: NodeEnd? { run.withLock { $0.end } }

    var isPaused: Bool {
        get { run.withLock { $0.isPaused } }
        set { run.withLock { $0.isPaused = newValue } }
    }

    /// What its next process runs.
    var classes: ObjectRegistry {
        get { program.withLock { $0 } }
        set { program.withLock { $0 = newValue } }
    }

    /// The versions of the link that its next process speaks, as another build would.
    var linkVersions: ClosedRange<UInt8> {
        get { spoken.withLock { $0 } }
        set { spoken.withLock { $0 = newValue } }
    }

    /// Where it stands; on the thread of the world.
    var standing: NodeStanding? { process?.standing }

    /// Starts a process; on the thread of the world.
    func begin(
        worker: any Worker,
        observer: any InstanceObserver,
        journal: Journal
    ) {
        host.world.state.withLock { $0.hosts[host.index].isUp = true }
        let number = run.withLock { run in
            run = Run(number: run.number + 1, isStarting: true)
            return run.number
        }
        NodeProcess.begin(
            configuration,
            registry: classes,
            worker: worker,
            log: journal.log(of: name, in: host.world),
            surroundings: NodeSurroundings(
                system: host,
                directory: disk,
                observer: observer,
                makeTable: { SharedTables.table($0, $1) },
                linkVersions: linkVersions
            ),
            ended: { [self] end in run.withLock { if $0.number == number { $0.end = end } } },
            completed: { [self] result in run.withLock { $0.took(result, number) } }
        )
    }

    /// The process is gone.
    func ended() { run.withLock { $0 = Run(number: $0.number) } }
}

extension TestNode.Run {
    fileprivate mutating func took(_ result: Result<NodeProcess, StartError>, _ number: Int) {
        guard self.number == number else { return }
        isStarting = false
        switch result {
        case .success(let started): process = started
        case .failure(let error): failure = "\(error)"
        }
    }
}
