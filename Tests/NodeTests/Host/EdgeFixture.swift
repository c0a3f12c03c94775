import Placement
import Primitives
import Testing
import Transport

@testable import Node
@testable import Wire

/// One loop of a node that does not exist, to which clients connect; lives on the loop of the tests.
final class EdgeFixture {
    let lease = LeaseCell()
    let shard: Shard
    /// That of the objects to which `open` connects.
    let name = "\(SessionID.random())"
    private let listener: Listener

    init(of types: [any DurableObject.Type] = [SocketObject.self]) throws {
        let shard = Shard(
            index: 0,
            node: ObjectHostFixture.local,
            registry: try ObjectRegistry(types),
            settings: ShardSettings(NodeConfiguration()),
            lease: lease,
            routes: ObjectHostFixture.routes(
                epoch: 1,
                owner: ObjectHostFixture.local,
                isReady: true
            ),
            log: Log(subsystem: "test") { _ in },
            loop: TestLoop.shared
        )
        self.shard = shard
        let ledger = ConnectionLedger(connectionsMax: 100, connectionsPerAddressMax: 0)
        listener = try Listener(on: .loopback(port: 0), loop: TestLoop.shared) { client, peer in
            guard let lease = try? ledger.lease(for: peer) else { return }
            shard.adopt(client.release(), peer: peer, lease: lease)
        }
        try listener.start()
        shard.start(directory: [LoopBound(shard, on: TestLoop.shared)]) { _, _ in }
        lease.extend(until: BootClock.now.advanced(by: .seconds(600)))
    }

    func open(
        _ type: any DurableObject.Type = SocketObject.self,
        _ headers: HTTPHeaders = [:]
    ) async throws -> WebSocketClient {
        try await WebSocketClient.open(
            "/objects/\(type.className)/\(name)",
            at: listener.address,
            headers: headers
        )
    }

    /// Nobody can be reached who has the objects now.
    func loseOwner() {
        shard.update(
            ObjectHostFixture.routes(epoch: 2, owner: ObjectHostFixture.other, isReady: false)
        )
        shard.host.stop(PartitionSet((0...UInt16.max).map { PartitionID($0) })) {}
    }

    func stop() {
        listener.stop()
        shard.close()
    }
}
