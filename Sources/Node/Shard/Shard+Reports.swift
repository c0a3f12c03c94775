import Primitives
import Transport

// What an operator is told of this shard's objects.
extension Shard {
    /// What is known of an object; nil when nothing of it is here.
    func account(of key: ObjectKey) -> ObjectAccount? {
        var peers: [ObjectIdentifier: NodeID] = [:]
        for (node, lanes) in lanes {
            for lane in lanes { peers[lane.identity] = node }
        }
        return host.account(of: key, lanes: peers)
    }
}
