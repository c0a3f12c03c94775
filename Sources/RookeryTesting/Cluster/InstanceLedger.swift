import Node
import Placement
import Primitives
import Synchronization

/// Which instances there are in a cluster, and whether ever two of one name could act at once.
///
/// An instance may act while it is not gone and its node has its lease. The ledger is asked after
/// each turn of a loop, so nothing that lasts longer escapes it.
final class InstanceLedger: InstanceObserver {
    /// One instance that is not gone.
    struct Instance: Sendable {
        let node: NodeID
        let epoch: Epoch
        let lease: LeaseCell
    }

    /// Two instances of a name that could act at once.
    struct Overlap: Equatable, Sendable, CustomStringConvertible {
        let key: ObjectKey
        let first: NodeID
        let second: NodeID
        let instant: Instant

        var description: String {
            let age = TestClusterError.text(WorldState.beginning.duration(to: instant))
            return "\(key) could act on \(first) and on \(second) at once, at \(age)"
        }
    }

    /// More are not told apart.
    static let overlapsMax = 64

    fileprivate struct State: Sendable {
        var live: [ObjectKey: [Instance]] = [:]
        /// The names with more than one instance, in the order in which they came to have them.
        var doubled: [ObjectKey] = []
        var overlaps: [Overlap] = []
        var madeCount = 0
    }

    private let state = Mutex(State())

    func began(_ key: ObjectKey, on node: NodeID, epoch: Epoch, lease: LeaseCell) {
        state.withLock { state in
            state.madeCount += 1
            state.live[key, default: []].append(Instance(node: node, epoch: epoch, lease: lease))
            if state.live[key]?.count == 2 { state.doubled.append(key) }
        }
    }

    func ended(_ key: ObjectKey, on node: NodeID, epoch: Epoch) {
        state.withLock { $0.remove(key) { $0.node == node && $0.epoch == epoch } }
    }

    /// The process of a node is gone, and all that it ran.
    func lost(_ node: NodeID) {
        state.withLock { state in
            for key in state.live.keys.sorted() { state.remove(key) { $0.node == node } }
        }
    }

    /// After a turn.
    func look(at instant: Instant) {
        state.withLock { state in
            for key in state.doubled {
                let acting = (state.live[key] ?? []).filter(\.lease.isValid)
                guard acting.count > 1 else { continue }
                state.note(
                    Overlap(
                        key: key,
                        first: acting[0].node,
                        second: acting[1].node,
                        instant: instant
                    )
                )
            }
        }
    }

    func instances(of key: ObjectKey) -> [Instance] { state.withLock { $0.live[key] ?? [] } }

    var overlaps: [Overlap] { state.withLock { $0.overlaps } }

    /// How many instances there have been.
    var madeCount: Int { state.withLock { $0.madeCount } }
}

extension InstanceLedger.State {
    fileprivate mutating func remove(
        _ key: ObjectKey,
        _ isGone: (InstanceLedger.Instance) -> Bool
    ) {
        let left = live[key]?.filter { !isGone($0) } ?? []
        live[key] = left.isEmpty ? nil : left
        if left.count < 2 { doubled.removeAll { $0 == key } }
    }

    fileprivate mutating func note(_ overlap: InstanceLedger.Overlap) {
        let isKnown = overlaps.contains { known in
            known.key == overlap.key && known.first == overlap.first
                && known.second == overlap.second
        }
        guard !isKnown, overlaps.count < InstanceLedger.overlapsMax else { return }
        overlaps.append(overlap)
    }
}
