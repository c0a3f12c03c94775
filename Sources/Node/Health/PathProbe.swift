import Placement
import Primitives
import Transport
import Wire

/// A question to the object host of a node that takes the way of every request.
///
/// Owner lookup, lane, host, and back. It makes no instance, and any answer will do.
enum PathProbe {
    /// No class of an author has such a name.
    static let className = "rookery.probe"
    static let answer = Response(status: 204)
    /// So many residues of a partition by twelve go over every one of one to four lanes.
    static let laneCount = 4
    private static let modulus: UInt16 = 12
    /// Partitions that are looked at to find one of a node.
    private static let triesMax = 256

    /// The object that is asked for, in a partition.
    static func key(in partition: PartitionID) -> ObjectKey? {
        ObjectKey(className: className, name: "\(partition.value)")
    }

    static func partition(of key: ObjectKey) -> PartitionID? {
        UInt16(key.name).map { PartitionID($0) }
    }

    /// A partition of `node` that goes over the lane that `residue` stands for; nil when it owns
    /// nothing, or too little to be found.
    static func partition(
        of node: NodeID,
        residue: Int,
        in view: PlacementView,
        classes: [ClassHash],
        using generator: inout some RandomNumberGenerator
    ) -> PartitionID? {
        for _ in 0..<triesMax {
            let base = UInt16.random(in: 0..<(UInt16.max / modulus), using: &generator) * modulus
            let partition = PartitionID(base + UInt16(residue))
            let isOwner = classes.contains { view.owner(of: ObjectSlot(partition, $0)) == node }
            if isOwner { return partition }
        }
        return nil
    }
}

extension Shard {
    /// Probes the way from this loop to `node`; `completed` gets whether it has answered in `time`,
    /// or nil when there is nothing to ask it for.
    func probe(
        _ node: NodeID,
        residue: Int,
        within time: Duration,
        completed: @escaping (Bool?) -> Void
    ) {
        // One question to the system, and not one for each try.
        var generator = SplitMix64(seed: loop.entropy.next())
        let classes = registry.names.map { ClassHash(of: $0) }
        guard
            let partition = PathProbe.partition(
                of: node,
                residue: residue,
                in: routes.view,
                classes: classes,
                using: &generator
            ), let key = PathProbe.key(in: partition)
        else { return completed(nil) }
        let place = ObjectPlace(key: key, partition: partition, epoch: routes.view.epoch)
        let call = EdgeCall(
            key: key,
            request: Request(method: .get, target: "/", headers: HTTPHeaders()),
            shard: self,
            time: time,
            probed: (node, place)
        ) { completed($0.status == PathProbe.answer.status) }
        begin(call)
    }
}

extension ObjectHost {
    /// What a probe comes to see: that this loop takes requests for objects.
    func answerProbe() -> Response { PathProbe.answer }
}

extension Lane {
    /// A peer probes the way to the objects of a partition.
    func answerProbe(_ id: StreamID, _ key: ObjectKey) {
        guard let partition = PathProbe.partition(of: key) else { return detach(id) }
        let target = shard.shard(of: partition)
        endpoints[id] = .answering(LoopBound(CallTicket(), on: target.loop))
        let back = bound
        target.execute { shard in
            let response = shard.host.answerProbe()
            back.execute { $0.answer(id, .response(response), endsCall: true) }
        }
    }
}
