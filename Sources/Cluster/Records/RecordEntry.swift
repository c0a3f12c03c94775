import Placement
package import Primitives

/// One record in the book, and what is to become of it.
struct RecordEntry: Sendable {
    struct Delivery: Equatable, Sendable {
        let run: NodeRun
        let revision: ObjectRecord.Revision
    }

    let slot: ObjectSlot
    var record: ObjectRecord
    /// This node's object, which writes it.
    var isOwn: Bool
    /// Who answers for it when it is not own; nil when that is not known.
    var holder: NodeRun?
    /// Why it is to be sent to the owner, when it is.
    var transfer: RecordBatch.Purpose?
    /// For the first instance here.
    var origin: RecordOrigin?
    /// It goes then, unless this node becomes the owner or is sent it anew.
    var keptUntil: Instant?
    /// Who has which revision.
    var delivered: Delivery?
    /// The heir has been sent alarms of it, which have to be taken back.
    var isKnownToHeir = false
    /// The node in whose queue it is.
    var queuedFor: NodeID?
    /// The alarms that the object is at work on, each with the number of this attempt.
    var firing: [String: UInt64] = [:]

    var partition: PartitionID { slot.partition }

    var isNeeded: Bool {
        !record.isEmpty || origin != nil || isKnownToHeir || transfer != nil
    }

    mutating func forgetHeir() {
        delivered = nil
        isKnownToHeir = false
    }

    mutating func becomeOwn(of local: NodeID) {
        if origin == nil, let holder, holder.id != local {
            origin = RecordOrigin(isPlanned: false, node: holder.id)
        }
        isOwn = true
        holder = nil
        transfer = nil
        keptUntil = nil
        firing = [:]
        forgetHeir()
    }
}

/// How a record came to this node.
package struct RecordOrigin: Equatable, Sendable {
    /// The former owner has handed it over.
    package let isPlanned: Bool
    /// The former owner, where that is known.
    package let node: NodeID?
}

/// Who owns what, and what this node runs, as the book sees it.
struct RecordStanding: Sendable {
    let local: NodeID
    let view: PlacementView
    var runs: [NodeID: Incarnation] = [:]
    var ready = PartitionSet()

    func owner(of slot: ObjectSlot) -> NodeRun? { run(of: view.owner(of: slot)) }

    func heir(of slot: ObjectSlot) -> NodeRun? { run(of: view.heir(of: slot)) }

    func run(of node: NodeID?) -> NodeRun? {
        node.flatMap { node in runs[node].map { NodeRun(id: node, incarnation: $0) } }
    }

    func isOwner(of slot: ObjectSlot) -> Bool { view.owner(of: slot) == local }

    /// Whether this node is its owner or its heir.
    func hasPart(in slot: ObjectSlot) -> Bool {
        isOwner(of: slot) || view.heir(of: slot) == local
    }

    /// Whether alarms of the object may fire here.
    func runs(_ slot: ObjectSlot) -> Bool {
        ready.contains(slot.partition) && isOwner(of: slot)
    }

    func contains(_ run: NodeRun) -> Bool { runs[run.id] == run.incarnation }

    /// Whether a run is gone since then, and had to leave behind what it held.
    ///
    /// Who had no share in the view before has handed over all that it had, and then left.
    func isGone(_ run: NodeRun?, since former: RecordStanding) -> Bool {
        guard let run, !contains(run) else { return false }
        guard former.contains(run) else { return true }
        return former.view.members.contains { $0.id == run.id && $0.weight > 0 }
    }
}
