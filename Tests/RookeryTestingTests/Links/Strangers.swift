import Node
import Primitives
import Synchronization
import Transport

@testable import RookeryTesting

/// Strangers who open connections at the peer ports of all nodes of a cluster, and prove nothing.
///
/// Each keeps its connection until the node ends it.
final class Strangers: Sendable {
    private let cluster: TestCluster
    private let ports: [SocketAddress]
    private let hello: [UInt8]
    private let interval: Duration
    private let countAtOnce: Int
    private let hasEnded = Atomic(false)

    /// Opens `countAtOnce` connections at each node every `interval`, and says `hello` on each.
    static func flood(
        _ cluster: TestCluster,
        _ countAtOnce: Int = 1,
        every interval: Duration,
        saying hello: [UInt8] = []
    ) async -> Strangers {
        let strangers = Strangers(cluster, countAtOnce, interval, hello)
        let (world, loop) = (cluster.world, cluster.clients.loop)
        await world.perform { world.onLoop(loop) { strangers.come() } }
        return strangers
    }

    private init(
        _ cluster: TestCluster,
        _ countAtOnce: Int,
        _ interval: Duration,
        _ hello: [UInt8]
    ) {
        self.cluster = cluster
        self.countAtOnce = countAtOnce
        self.interval = interval
        self.hello = hello
        ports = cluster.allNodes.map(\.configuration.peer.listen)
    }

    func end() { hasEnded.store(true, ordering: .relaxed) }

    private func come() {
        guard !hasEnded.load(ordering: .relaxed) else { return }
        let loop = cluster.clients.loop
        for port in ports {
            for _ in 0..<countAtOnce {
                Connector.connect(to: port, loop: loop, timeout: .seconds(1)) { [hello] in
                    guard case .success(let stream) = $0 else { return }
                    stream.delegate = Stranger(stream)
                    stream.write(hello)
                    try? stream.start()
                }
            }
        }
        loop.schedule(after: interval) { [self] in come() }
    }
}

/// Listens to nothing, and goes when the node ends the connection.
private final class Stranger: StreamConnectionDelegate {
    private weak var stream: StreamConnection?

    init(_ stream: StreamConnection) { self.stream = stream }

    func received(_ bytes: Span<UInt8>) {}

    func peerEnded() { stream?.abort() }

    func outputDrained() {}

    func ended(_ end: StreamEnd) {}
}
