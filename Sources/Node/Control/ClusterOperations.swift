import Cluster
import Placement
import Primitives
import Transport

/// Does what an operator asks of this node.
///
/// Lives on the control loop.
final class ClusterOperations: Operations {
    let node: NodeID
    let driver: ClusterDriver
    let questions: PeerQuestions
    let configuration: NodeConfiguration
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    private let clientCount: () -> Int
    private(set) var isLeaving = false
    /// The cluster has let this node go.
    var hasLeft = false
    /// Takes this node out of service.
    weak var drainer: Drainer?

    init(
        node: NodeID,
        driver: ClusterDriver,
        questions: PeerQuestions,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        clientCount: @escaping () -> Int,
        configuration: NodeConfiguration
    ) {
        self.configuration = configuration
        self.node = node
        self.driver = driver
        self.questions = questions
        self.shards = shards
        self.loop = loop
        self.clientCount = clientCount
    }
}

// MARK: - Where an object is

extension ClusterOperations {
    func isKnown(_ className: String) -> Bool {
        driver.routes.isKnown(ClassHash(of: className))
    }

    func locate(_ key: ObjectKey, completed: @escaping (ObjectLocation) -> Void) {
        let view = driver.machine.view
        guard let owner = view.owner(of: key), owner != node else {
            return locateHere(key, completed)
        }
        let unknown = location(of: key, .unknown, epoch: view.epoch)
        questions.ask(.locate(key), of: owner) { completed($0 ?? unknown) }
    }

    /// What this node says of an object, as its owner or not.
    func locateHere(_ key: ObjectKey, _ completed: @escaping (ObjectLocation) -> Void) {
        let view = driver.machine.view
        guard view.owner(of: key) == node else {
            return completed(location(of: key, .unknown, epoch: view.epoch))
        }
        let partition = view.partition(of: key)
        let isReady = driver.routes.ready.contains(partition)
        let isLeased = driver.lease.isValid
        let control = LoopBound(self, on: loop)
        let answer = LoopBound(completed, on: loop)
        shards.shard(of: partition).execute { shard in
            let epoch = shard.host.epoch(of: key)
            control.execute { control in
                let state: ObjectLocation.State =
                    if !isReady { .moving } else if !isLeased { .frozen } else {
                        epoch == nil ? .idle : .live
                    }
                answer.onLoop(control.location(of: key, state, epoch: epoch ?? view.epoch))
            }
        }
    }

    private func location(
        of key: ObjectKey,
        _ state: ObjectLocation.State,
        epoch: Epoch
    ) -> ObjectLocation {
        let view = driver.machine.view
        return ObjectLocation(
            key,
            partition: view.partition(of: key).value,
            owner: view.owner(of: key)?.name,
            epoch: epoch.value,
            state: state
        )
    }
}

// MARK: - Leaving, and going on without the others

extension ClusterOperations {
    func leave() throws(OperationRefusal) {
        guard !isLeaving else { return }
        try refuseWhileDraining()
        let ownership = driver.machine.ownership
        guard ownership.isMember else { throw .notNow("this node is no member of the cluster") }
        guard ownership.view.members.count > 1 else {
            throw .impossible("this node is the only member: there is nobody to take over")
        }
        isLeaving = true
        driver.announce(
            .operation("An operator asked \(node) to leave for good", ["operation": "leave"])
        )
        driver.leave()
    }

    var leaveProgress: LeaveProgress {
        let state: LeaveProgress.State =
            if hasLeft { .left } else { isLeaving ? .leaving : .member }
        return LeaveProgress(
            node: node.name,
            state: state,
            partitions: driver.machine.claimed.count,
            clients: clientCount()
        )
    }

    func setWeight(_ weight: UInt16) throws(OperationRefusal) {
        let ownership = driver.machine.ownership
        guard !isLeaving else { throw .impossible("this node leaves: it is to own nothing") }
        try refuseWhileDraining()
        guard let member = ownership.view.member(node), ownership.isMember else {
            throw .notNow("this node is no member of the cluster")
        }
        guard member.role != .witness else {
            throw .impossible("this node is a witness: it owns nothing, whatever its weight")
        }
        driver.setWeight(weight)
    }

    var weight: NodeWeight {
        let ownership = driver.machine.ownership
        return NodeWeight(
            node: node.name,
            weight: ownership.local.weight,
            inView: ownership.isMember ? ownership.view.member(node)?.weight : nil,
            epoch: ownership.view.epoch.value
        )
    }

    func recover(
        survivors: [NodeID],
        completed: @escaping (Result<Recovery, OperationRefusal>) -> Void
    ) {
        let ownership = driver.machine.ownership
        guard survivors.contains(node) else {
            return completed(.failure(.impossible("this node is not one of the survivors")))
        }
        guard ownership.view.epoch > .none else {
            return completed(.failure(.impossible("this node has never been in a cluster")))
        }
        // This node may have left the cluster that it goes on with; others come back to it.
        for survivor in survivors
        where survivor != node && ownership.view.member(survivor) == nil {
            let text = "\(survivor) is no member of the cluster: leave it out, and it will join"
            return completed(.failure(.impossible(text)))
        }
        // Voters are chosen among them: one that is gone would take the majority with it again.
        let linked = driver.links.linkedPeers
        for survivor in survivors where survivor != node && !linked.contains(survivor) {
            return completed(.failure(.notNow("\(survivor) cannot be reached from this node")))
        }
        driver.log.warning(
            "recovery by force",
            ["survivors": survivors.map(\.name).joined(separator: ",")]
        )
        let names = survivors.map(\.name).joined(separator: ",")
        driver.announce(
            .operation(
                "An operator had \(names) go on alone, and gave up all others",
                ["operation": "recover", "survivors": names]
            )
        )
        driver.recover(survivors: survivors)
        let view = driver.machine.ownership.view
        guard view.epoch > ownership.view.epoch else {
            return completed(.failure(.notNow("this node is not ready for it")))
        }
        completed(
            .success(Recovery(epoch: view.epoch.value, members: view.members.map(\.id.name)))
        )
    }
}
