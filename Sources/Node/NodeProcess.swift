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
    case tooManyTokenKeys(limit: Int)
    case socket(SocketError)
    case state(StateFileError)

    package var description: String {
        switch self {
        case .noName: "this machine's name is no node name: set node.name"
        case .tooManySecrets(let limit):
            "cluster.secret has more than \(limit) secrets"
        case .tooManyTokenKeys(let limit):
            "client.token_key has more than \(limit) keys"
        case .socket(let error): "\(error)"
        case .state(let error): "\(error)"
        }
    }
}

/// Why a node ends by itself.
package enum NodeEnd: Sendable {
    /// Another process runs under its name.
    case superseded
    /// Another process runs under its name, and this one has not begun.
    case denied
    /// Its peers cannot reach it.
    case failed
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
    let control: LoopBound<ControlPlane>

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
    ///
    /// It blocks until the node serves.
    package static func start(
        _ configuration: NodeConfiguration,
        registry: ObjectRegistry,
        worker: any Worker = ObjectPaths(),
        log: Log,
        ended: @escaping @Sendable (NodeEnd) -> Void
    ) throws(StartError) -> NodeProcess {
        SystemCall.setMemoryPolicy()
        let outcome = Mutex<Result<NodeProcess, StartError>>(.failure(.noName))
        let done = DispatchSemaphore(value: 0)
        begin(
            configuration,
            registry: registry,
            worker: worker,
            log: log,
            ended: ended
        ) { result in
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        return try outcome.withLock { $0 }.get()
    }

    /// The same without waiting: `completed` is called once, from here or on a loop of the node.
    package static func begin(
        _ configuration: NodeConfiguration,
        registry: ObjectRegistry,
        worker: any Worker = ObjectPaths(),
        log: Log,
        surroundings: NodeSurroundings = NodeSurroundings(),
        ended: @escaping @Sendable (NodeEnd) -> Void,
        completed: @escaping @Sendable (Result<NodeProcess, StartError>) -> Void
    ) {
        do throws(StartError) {
            guard let name = configuration.nodeID else { throw .noName }
            guard configuration.client.tokenKey.count <= AccessKeyring.keyCountMax else {
                throw .tooManyTokenKeys(limit: AccessKeyring.keyCountMax)
            }
            let storage = try openStorage(configuration, name, surroundings)
            let loops = try startLoops(configuration.threads, on: surroundings.system)
            let lease = LeaseCell(on: surroundings.system)
            let shards = makeShards(
                name,
                configuration,
                registry,
                worker,
                loops,
                lease,
                surroundings.observer,
                log
            )
            loops[0].execute {
                let result = Result { () throws(StartError) in
                    try ControlPlane.start(
                        name: name,
                        configuration: configuration,
                        shards: shards,
                        lease: lease,
                        storage: storage,
                        surroundings: surroundings,
                        log: log,
                        ended: ended
                    )
                }
                completed(took(result, name, configuration, loops, log))
            }
        } catch {
            completed(.failure(error))
        }
    }

    private static func openStorage(
        _ configuration: NodeConfiguration,
        _ name: NodeID,
        _ surroundings: NodeSurroundings
    ) throws(StartError) -> StateFile.Opened {
        let (path, system) = (configuration.data.directory, surroundings.system)
        do throws(StateFileError) {
            guard let directory = surroundings.directory else {
                return try StateFile.open(directory: path, node: name, on: system)
            }
            return try StateFile.open(directory, path: path, node: name, on: system)
        } catch {
            throw .state(error)
        }
    }

    private static func took(
        _ result: Result<ControlPlane.Started, StartError>,
        _ name: NodeID,
        _ configuration: NodeConfiguration,
        _ loops: [EventLoop],
        _ log: Log
    ) -> Result<NodeProcess, StartError> {
        switch result {
        case .failure: for loop in loops { loop.stop() }
        case .success:
            guard configuration.data.directory.isEmpty else { break }
            log.named("state").notice(
                "no data.directory: restarting a majority of the voters at once ends the cluster"
            )
        }
        return result.map { started in
            NodeProcess(
                name: name,
                addresses: started.addresses,
                loops: loops,
                control: started.control
            )
        }
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

    /// Calls `completed` when every event loop has turned since; never, when one of them does not.
    ///
    /// Any thread.
    package func turnLoops(_ completed: @escaping @Sendable () -> Void) {
        Self.turn(loops[...], completed)
    }

    private static func turn(
        _ loops: ArraySlice<EventLoop>,
        _ completed: @escaping @Sendable () -> Void
    ) {
        guard let first = loops.first else { return completed() }
        first.execute { turn(loops.dropFirst(), completed) }
    }

    private static func startLoops(
        _ threads: Int,
        on system: any System
    ) throws(StartError) -> [EventLoop] {
        let count = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
        do throws(SocketError) {
            let loops = try (0..<min(max(count, 1), 64)).map { index throws(SocketError) in
                try EventLoop(index: index, on: system)
            }
            for loop in loops { try loop.start() }
            return loops
        } catch {
            throw .socket(error)
        }
    }

    private static func makeShards(
        _ name: NodeID,
        _ configuration: NodeConfiguration,
        _ registry: ObjectRegistry,
        _ worker: any Worker,
        _ loops: [EventLoop],
        _ lease: LeaseCell,
        _ observer: (any InstanceObserver)?,
        _ log: Log
    ) -> [LoopBound<Shard>] {
        var settings = ShardSettings(configuration)
        settings.host = settings.host.shared(among: loops.count)
        settings.host.observer = observer
        let routes = RouteTable(
            node: name,
            view: .empty(key: PlacementKey(low: 0, high: 0))
        )
        return loops.enumerated().map { index, loop in
            let shard = Shard(
                index: index,
                node: name,
                registry: registry,
                worker: worker,
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
