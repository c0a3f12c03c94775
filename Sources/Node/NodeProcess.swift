import Dispatch
import Foundation
import Membership
import Placement
package import Primitives
import Synchronization
package import Transport
import Wire

/// Where one node listens, with the ports in use.
package struct NodeAddresses: Equatable, Sendable {
    package var peer: SocketAddress
    package var client: SocketAddress
    package var admin: SocketAddress
}

/// Why a node did not start.
package enum StartError: Error, CustomStringConvertible {
    case noName
    case tooManySecrets(limit: Int)
    case socket(SocketError)
    case state(StateFileError)

    package var description: String {
        switch self {
        case .noName: "this machine's name is no node name: set node.name"
        case .tooManySecrets(let limit):
            "cluster.secret has more than \(limit) secrets"
        case .socket(let error): "\(error)"
        case .state(let error): "\(error)"
        }
    }
}

/// Why a node ends by itself.
package enum NodeEnd: Sendable {
    /// Another process runs under its name.
    case superseded
    /// An operator has asked it to leave, and it has left.
    case left
}

/// One running node: its event loops, its shards, and what controls them.
///
/// `start` returns when every port is bound; `stop` ends it in good order.
package final class NodeProcess: Sendable {
    package let name: NodeID
    package let addresses: NodeAddresses
    private let loops: [EventLoop]
    private let control: LoopBound<ControlPlane>

    private init(
        name: NodeID,
        addresses: NodeAddresses,
        loops: [EventLoop],
        control: LoopBound<ControlPlane>
    ) {
        self.name = name
        self.addresses = addresses
        self.loops = loops
        self.control = control
    }

    /// Starts a node that runs the classes of `registry`; `ended` is called once if it has to end by
    /// itself.
    package static func start(
        _ configuration: NodeConfiguration,
        registry: ObjectRegistry,
        log: Log,
        ended: @escaping @Sendable (NodeEnd) -> Void
    ) throws(StartError) -> NodeProcess {
        guard let name = configuration.nodeID else { throw .noName }
        let storage: StateFile.Opened
        do throws(StateFileError) {
            storage = try StateFile.open(
                directory: configuration.data.directory,
                node: name
            )
        } catch {
            throw .state(error)
        }
        let loops: [EventLoop]
        do throws(SocketError) {
            loops = try makeLoops(configuration.threads)
            for loop in loops { try loop.start() }
        } catch {
            throw .socket(error)
        }
        do throws(StartError) {
            let lease = LeaseCell()
            let shards = makeShards(name, configuration, registry, loops, lease, log)
            return try start(name, configuration, loops, shards, lease, storage, log, ended)
        } catch {
            for loop in loops { loop.stop() }
            throw error
        }
    }

    private static func start(
        _ name: NodeID,
        _ configuration: NodeConfiguration,
        _ loops: [EventLoop],
        _ shards: [LoopBound<Shard>],
        _ lease: LeaseCell,
        _ storage: StateFile.Opened,
        _ log: Log,
        _ ended: @escaping @Sendable (NodeEnd) -> Void
    ) throws(StartError) -> NodeProcess {
        let outcome = Mutex<Result<ControlPlane.Started, StartError>>(.failure(.noName))
        let done = DispatchSemaphore(value: 0)
        loops[0].execute {
            let result = Result { () throws(StartError) in
                try ControlPlane.start(
                    name: name,
                    configuration: configuration,
                    shards: shards,
                    lease: lease,
                    storage: storage,
                    log: log,
                    ended: ended
                )
            }
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        let started = try outcome.withLock { $0 }.get()
        if configuration.data.directory.isEmpty {
            log.named("state").notice(
                "no data.directory: restarting a majority of the voters at once ends the cluster"
            )
        }
        return NodeProcess(
            name: name,
            addresses: started.addresses,
            loops: loops,
            control: started.control
        )
    }

    /// Stops accepting, tells peers and clients, and calls `completed` when that is done or its
    /// time is over.
    package func stop(_ completed: @escaping @Sendable () -> Void) {
        control.execute { [loops] control in
            control.stop {
                completed()
                for loop in loops { loop.stop() }
            }
        }
    }

    private static func makeLoops(_ threads: Int) throws(SocketError) -> [EventLoop] {
        let count = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
        return try (0..<min(max(count, 1), 64)).map { index throws(SocketError) in
            try EventLoop(index: index)
        }
    }

    private static func makeShards(
        _ name: NodeID,
        _ configuration: NodeConfiguration,
        _ registry: ObjectRegistry,
        _ loops: [EventLoop],
        _ lease: LeaseCell,
        _ log: Log
    ) -> [LoopBound<Shard>] {
        var settings = ShardSettings(configuration)
        settings.host = settings.host.shared(among: loops.count)
        let routes = RouteTable(
            node: name,
            view: .empty(key: PlacementKey(low: 0, high: 0))
        )
        return loops.enumerated().map { index, loop in
            let shard = Shard(
                index: index,
                node: name,
                registry: registry,
                settings: settings,
                lease: lease,
                routes: routes,
                log: log,
                loop: loop
            )
            return LoopBound(shard, on: loop)
        }
    }
}
