package import Placement
package import Primitives

/// What nodes tell each other of sessions that look for their object's new owner.
package struct RollCallMessage: Equatable, Sendable {
    /// The sender's view.
    package var epoch: Epoch
    /// The receiver is to say where it stands.
    package var isAnswerWanted: Bool
    /// The partitions in which the sender has sessions for the receiver that it did not bring yet.
    package var missing: [PartitionID]

    package init(epoch: Epoch, isAnswerWanted: Bool, missing: [PartitionID]) {
        self.epoch = epoch
        self.isAnswerWanted = isAnswerWanted
        self.missing = missing
    }
}

/// Who may still have sessions for what this node has just taken over.
///
/// A new instance is to know all open sessions of its name before its first event. So when a
/// partition has been claimed, its objects wait until every other node that can be reached has
/// said, under this view or a later one, that it has brought all its sessions of the partition; a
/// node that says nothing for `patience` is not waited for. The other way round each node tells
/// the owners how far its own sessions have come.
package struct RollCall: Sendable {
    /// A node that is linked and does not answer is waited for so long.
    package static let patience = Duration.seconds(1)
    /// Who has not answered is asked this often.
    package static let askInterval = Duration.milliseconds(100)

    private struct Standing: Sendable {
        var epoch = Epoch.none
        var missing = PartitionSet()
    }

    private struct Gathering: Sendable {
        let epoch: Epoch
        let since: Instant
        var partitions: PartitionSet
    }

    private let local: NodeID
    /// This node's view.
    private var epoch = Epoch.none
    /// The members of the view, without this one, in order.
    private var members: [NodeID] = []
    private var linked: Set<NodeID> = []
    /// What each member has said; this node speaks to itself too.
    private var standings: [NodeID: Standing] = [:]
    private var gatherings: [Gathering] = []
    private var askAt: Instant?
    /// The view under which this node's sessions were last counted.
    private var ownEpoch = Epoch.none
    /// What they wait for, by owner.
    private var ownByOwner: [NodeID: PartitionSet] = [:]
    /// How often a silent node was not waited for any longer.
    private(set) var tally = Tally()
    package var silentCount: UInt64 { tally["roll_call_silence"] }

    init(local: NodeID) { self.local = local }

    var nextDeadline: Instant? { gatherings.isEmpty ? nil : askAt }

    /// Partitions whose objects wait for sessions.
    package var gatheringCount: Int { gatherings.reduce(0) { $0 + $1.partitions.count } }

    // MARK: - As the owner

    mutating func enter(_ epoch: Epoch, members: [NodeID]) {
        self.epoch = epoch
        self.members = members
        let kept = Set(members + [local])
        standings = standings.filter { kept.contains($0.key) }
        ownByOwner = ownByOwner.filter { kept.contains($0.key) }
    }

    mutating func begin(_ partitions: PartitionSet, epoch: Epoch, now: Instant) {
        gatherings.append(Gathering(epoch: epoch, since: now, partitions: partitions))
        askAt = now.advanced(by: Self.askInterval)
    }

    mutating func forget(_ partitions: PartitionSet) {
        for index in gatherings.indices { gatherings[index].partitions.subtract(partitions) }
    }

    /// What of `claimed` waits for nobody's sessions.
    mutating func ready(of claimed: PartitionSet, now: Instant) -> PartitionSet {
        guard !gatherings.isEmpty else { return claimed }
        for index in gatherings.indices { gather(index, now: now) }
        gatherings.removeAll(where: \.partitions.isEmpty)
        var ready = claimed
        for gathering in gatherings { ready.subtract(gathering.partitions) }
        return ready
    }

    /// Keeps those that somebody has sessions of, or has not spoken about.
    private mutating func gather(_ index: Int, now: Instant) {
        let gathering = gatherings[index]
        let isPatient = now < gathering.since.advanced(by: Self.patience)
        guard isPatient else {
            tally.count("roll_call_silence")
            gatherings[index].partitions = PartitionSet()
            return
        }
        var missing = PartitionSet()
        for member in members + [local] where member == local || linked.contains(member) {
            let standing = standings[member] ?? Standing()
            // The sessions of who is ahead are on their way to the owners of a later view.
            guard standing.epoch >= gathering.epoch, standing.epoch <= epoch else { return }
            missing.formUnion(standing.missing)
        }
        gatherings[index].partitions = gathering.partitions.intersection(missing)
    }

    mutating func ask(now: Instant, _ actions: inout [ClusterMachine.Action]) {
        guard let first = gatherings.first, let last = gatherings.last, let due = askAt, due <= now
        else { return }
        askAt = now.advanced(by: Self.askInterval)
        for member in members where linked.contains(member) {
            let standing = standings[member] ?? Standing()
            guard standing.epoch < last.epoch || !standing.missing.isEmpty else { continue }
            let message = RollCallMessage(epoch: first.epoch, isAnswerWanted: true, missing: [])
            actions.append(.sendRollCall(message, to: member))
        }
    }

    // MARK: - Links

    mutating func linkRose(to peer: NodeID, _ actions: inout [ClusterMachine.Action]) {
        linked.insert(peer)
        tell(peer, &actions)
    }

    mutating func linkFell(to peer: NodeID) { linked.remove(peer) }

    // MARK: - As an edge

    mutating func counted(
        _ epoch: Epoch,
        missing: [NodeID: PartitionSet],
        members: [NodeID],
        _ actions: inout [ClusterMachine.Action]
    ) {
        guard epoch >= ownEpoch else { return }
        let isNew = epoch > ownEpoch
        ownEpoch = epoch
        let former = ownByOwner
        ownByOwner = missing
        standings[local] = Standing(epoch: epoch, missing: missing[local] ?? PartitionSet())
        for member in members where isNew || former[member] != missing[member] {
            tell(member, &actions)
        }
    }

    mutating func receive(
        _ message: RollCallMessage,
        from peer: NodeID,
        _ actions: inout [ClusterMachine.Action]
    ) {
        if message.isAnswerWanted { return tell(peer, &actions) }
        guard members.contains(peer) else { return }
        let known = standings[peer] ?? Standing()
        guard message.epoch >= known.epoch else { return }
        standings[peer] = Standing(
            epoch: message.epoch,
            missing: PartitionSet(message.missing)
        )
    }

    private func tell(_ peer: NodeID, _ actions: inout [ClusterMachine.Action]) {
        guard ownEpoch > .none, linked.contains(peer) else { return }
        let missing = ownByOwner[peer]?.partitions ?? []
        let message = RollCallMessage(epoch: ownEpoch, isAnswerWanted: false, missing: missing)
        actions.append(.sendRollCall(message, to: peer))
    }
}

/// `epoch u64, answer wanted u8, count u32`, then two bytes for each partition.
extension RollCallMessage {
    package var encoded: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 13 + 2 * missing.count)
        writer.write(epoch.value)
        writer.write(UInt8(isAnswerWanted ? 1 : 0))
        writer.write(UInt32(missing.count))
        for partition in missing { writer.write(partition.value) }
        return writer.take()
    }

    /// All of `bytes` or nothing; there are at most `PartitionID.count` partitions.
    package init(decoding bytes: ArraySlice<UInt8>) throws(ByteError) {
        var reader = ByteReader(bytes)
        epoch = Epoch(try reader.uint64())
        isAnswerWanted = try reader.uint8() != 0
        let count = Int(try reader.uint32())
        guard count <= PartitionID.count else {
            throw .tooLong(length: count, limit: PartitionID.count)
        }
        missing = []
        for _ in 0..<count { missing.append(PartitionID(try reader.uint16())) }
        try reader.finish()
    }
}
