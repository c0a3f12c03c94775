import Placement
import Primitives

/// Whether a process that starts may show itself under its name.
///
/// Who gossips or makes links with a later incarnation is taken by everybody for the next run of
/// the node, and an earlier process of the name ends. So a process first asks, under no name: a
/// majority of the voters lets it in, and so do others that are new, when they can found a cluster
/// with it; a run that goes on renewing its lease keeps it out.
///
/// Where nobody answers, one that comes back goes on: voters that have all restarted have no lease,
/// and wait for each other. One whose folder is empty goes on asking: nobody needs it, and it may
/// be cut off from a run of its name that holds the only vote, and would end for it.
struct Admission: Sendable {
    enum Outcome: Equatable {
        case asking
        case free
        case held(by: SocketAddress)
    }

    /// Who has not answered is asked again after this.
    static let askInterval = Duration.milliseconds(50)
    /// The same after two leases, in which whoever holds the name would have shown.
    static let askIntervalLater = Duration.seconds(1)
    /// When nobody who knows has answered for so long, one that comes back goes on.
    static let patience = Duration.milliseconds(300)
    /// So many are asked in one round.
    static let targetsMax = 16

    private let local: SocketAddress
    private let lease: Duration
    private let isNewcomer: Bool
    /// Who founds a cluster on the list of seeds, this process among them.
    private var founders: [SocketAddress] = []
    private var targets: [SocketAddress]
    private var isListComplete: Bool
    private var beganAt: Instant?
    private var nextTarget = 0
    /// When the next round of questions is due.
    private(set) var askAt: Instant?
    private var free: Set<NodeID> = []
    private var voterCount = 0
    /// Who is in no cluster.
    private var strangers: Set<SocketAddress> = []
    private var holder: SocketAddress?
    private var heldSince: Instant?
    private var heldAt: Instant?

    init(_ ownership: OwnershipMachine) {
        local = ownership.local.address
        lease = ownership.settings.lease
        isNewcomer = ownership.hasNoPast
        isListComplete = ownership.knownSeeds != nil
        targets = []
        add(ownership.namesAskedAt)
        if let seeds = ownership.knownSeeds { add(seeds, of: ownership) }
        guard ownership.isProvenSuccessor else { return }
        free = [ownership.local.id]
        voterCount = ownership.view.voters.count
    }

    private mutating func add(_ addresses: [SocketAddress]) {
        for address in addresses where address != local && !targets.contains(address) {
            targets.append(address)
        }
    }

    /// All the seeds there are.
    private mutating func add(_ seeds: [SocketAddress], of ownership: OwnershipMachine) {
        add(seeds)
        founders = ownership.founders(on: seeds)
    }

    /// Begins, unless nobody is known yet whom to ask.
    mutating func begin(now: Instant) {
        guard isListComplete || !targets.isEmpty else { return }
        beginAnyhow(now: now)
    }

    private mutating func beginAnyhow(now: Instant) {
        guard beganAt == nil else { return }
        beganAt = now
        askAt = now
    }

    /// Some of the seeds have been found.
    mutating func meet(_ seeds: [SocketAddress], now: Instant) {
        add(seeds)
        beginAnyhow(now: now)
    }

    /// All of the seeds have been found.
    mutating func meetAll(_ seeds: [SocketAddress], of ownership: OwnershipMachine, now: Instant) {
        add(seeds, of: ownership)
        isListComplete = true
        beginAnyhow(now: now)
    }

    /// Whom to ask now.
    mutating func due(now: Instant) -> [SocketAddress] {
        guard let askAt, let beganAt, askAt <= now else { return [] }
        let isLate = beganAt.advanced(by: lease * 2) <= now
        self.askAt = now.advanced(by: isLate ? Self.askIntervalLater : Self.askInterval)
        let count = min(targets.count, Self.targetsMax)
        defer { nextTarget = (nextTarget + count) % max(targets.count, 1) }
        return (0..<count).map { targets[(nextTarget + $0) % targets.count] }
    }

    mutating func take(
        _ verdict: NameVerdict,
        of id: NodeID,
        at address: SocketAddress,
        now: Instant
    ) {
        switch verdict {
        case .unknown: strangers.insert(address)
        case .free(let voters):
            free.insert(id)
            voterCount = Int(voters)
        case .held(let address):
            free.remove(id)
            holder = address
            heldSince = heldSince ?? now
            heldAt = now
        }
    }

    func outcome(now: Instant) -> Outcome {
        guard let beganAt else { return .asking }
        if free.count * 2 > voterCount, voterCount > 0 { return .free }
        if let heldSince, let heldAt, let holder {
            // A run that had ended before this process came would have lost its lease by now.
            if heldSince.advanced(by: lease * 3 / 2) <= heldAt { return .held(by: holder) }
            return isOver(heldAt.advanced(by: lease), now) ? .free : .asking
        }
        let isAlone = isListComplete && targets.allSatisfy(strangers.contains)
        let hasWaited = isOver(beganAt.advanced(by: Self.patience), now)
        return isAlone || canFound || hasWaited ? .free : .asking
    }

    private func isOver(_ end: Instant, _ now: Instant) -> Bool { !isNewcomer && end <= now }

    private var canFound: Bool {
        let count = founders.count { $0 == local || strangers.contains($0) }
        return count * 2 > founders.count
    }
}
