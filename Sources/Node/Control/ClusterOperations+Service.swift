import Cluster
import Membership
import Placement
import Primitives
import Transport

/// What an operator can ask about the service of any node, by way of any other.
///
/// Called on the control loop, and `completed` is called there, once.
protocol ServiceOperations: AnyObject {
    /// The names of the nodes that can be asked, sorted.
    var knownNodes: [NodeID] { get }

    /// Asks `target`, or this node when it is nil, and does there what is wanted.
    func serve(
        _ request: ServiceRequest,
        at target: NodeID?,
        completed: @escaping (Result<ServiceStatus, OperationRefusal>) -> Void
    )
}

extension ClusterOperations: ServiceOperations {
    var knownNodes: [NodeID] {
        let members = driver.machine.ownership.view.members.map(\.id)
        return Set(members + driver.machine.swim.members.map(\.id) + [node]).sorted()
    }

    func serve(
        _ request: ServiceRequest,
        at target: NodeID?,
        completed: @escaping (Result<ServiceStatus, OperationRefusal>) -> Void
    ) {
        guard let target, target != node else { return completed(serveHere(request).result) }
        questions.ask(.service(request), of: target) { [self] (answer: ServiceAnswer?) in
            if let answer { return completed(answer.result) }
            if driver.machine.swim.member(target)?.status == .left, request.action == .look {
                let left = ServiceStatus(
                    node: target.name,
                    state: .left,
                    partitions: 0,
                    clients: 0
                )
                return completed(.success(left))
            }
            let reason = "\(target) does not answer: it is down, or of a version without this"
            completed(.failure(.notNow(reason)))
        }
    }

    /// Does at this node what is wanted.
    func serveHere(_ request: ServiceRequest) -> ServiceAnswer {
        ServiceAnswer(
            Result { () throws(OperationRefusal) in
                guard let drainer else { throw .notNow("the node starts or stops") }
                try perform(request, drainer)
                return drainer.status
            }
        )
    }

    private func perform(
        _ request: ServiceRequest,
        _ drainer: Drainer
    ) throws(OperationRefusal) {
        switch request.action {
        case .look: break
        case .drain: try drain(request, drainer)
        case .undo:
            guard drainer.isDraining else { throw .impossible("\(node) is not being drained") }
            guard drainer.undo() else {
                throw .impossible("too late: \(node) has begun to leave the cluster")
            }
        case .cordon, .uncordon:
            guard !drainer.isDraining else {
                throw .impossible("\(node) is being drained; undo that to have it serve again")
            }
            drainer.cordon(request.action == .cordon)
        }
    }

    private func drain(
        _ request: ServiceRequest,
        _ drainer: Drainer
    ) throws(OperationRefusal) {
        guard let plan = request.plan(of: configuration) else {
            throw .impossible("no drain can have these numbers")
        }
        guard !isLeaving else { throw .impossible("\(node) leaves already") }
        guard !drainer.machine.isFinal else { throw .impossible("\(node) ends already") }
        let ownership = driver.machine.ownership
        guard ownership.isMember else { throw .notNow("\(node) is no member of the cluster") }
        let heirs = ownership.view.members.filter { $0.id != node && $0.share > 0 }
        guard !heirs.isEmpty else {
            throw .impossible("no other node owns objects: there is nobody to take over")
        }
        drainer.drain(plan)
    }

    func refuseWhileDraining() throws(OperationRefusal) {
        guard drainer?.isDraining != true else {
            throw .impossible("\(node) is being drained, and leaves by itself")
        }
    }
}
