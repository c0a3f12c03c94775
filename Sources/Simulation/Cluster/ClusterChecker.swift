import Cluster
import Membership
import Placement
import Primitives
import Wire

/// What an onlooker knows who sees every node, every client and every object at once.
struct ClusterChecker {
    /// The last state of one process, to see that nothing falls.
    struct Marks {
        var epoch = Epoch.none
        var stable = Epoch.none
    }

    private struct Session {
        let name: Int
        var isAccepted = false
        var sent: UInt64 = 0
        /// The number behind the last message that any instance has handled.
        var handled: UInt64 = 0
        /// By which socket the last message was handled, and the number that is to come there.
        var socket: UInt64 = 0
        var next: UInt64 = 0
        /// Messages below this number may be handled again, with a mark.
        var repeatable: UInt64 = 0
        /// The number behind the last echo.
        var echoed: UInt64 = 0
        /// Echoes of messages below this number may have been lost with their owner.
        var losable: UInt64 = 0
    }

    var ledger = ViewLedger()
    private var sessions: [UInt64: Session] = [:]
    /// By observer and subject: the greatest standing that the observer has told.
    var standings: [String: Standing] = [:]

    // MARK: - Clients

    mutating func opened(_ id: UInt64, name: Int) { sessions[id] = Session(name: name) }

    mutating func accepted(_ id: UInt64) { sessions[id]?.isAccepted = true }

    mutating func sent(_ id: UInt64) { sessions[id]?.sent += 1 }

    mutating func closed(_ id: UInt64) { sessions[id] = nil }

    mutating func edgeDied(_ id: UInt64) { sessions[id] = nil }

    /// The present owner is gone; it was handed everything below `handedThrough`.
    mutating func lost(_ id: UInt64, handedThrough: UInt64, settled: UInt64) {
        guard let session = sessions[id] else { return }
        sessions[id]?.repeatable = max(session.repeatable, handedThrough)
        sessions[id]?.losable = max(session.losable, settled)
    }

    /// The owner was stopped within the message with this number.
    mutating func interrupted(_ id: UInt64, _ number: UInt64) {
        guard let session = sessions[id] else { return }
        sessions[id]?.repeatable = max(session.repeatable, number + 1)
    }

    // MARK: - Objects

    /// An instance begins to handle a message; returns what is wrong about it.
    mutating func handled(
        _ id: UInt64,
        _ number: UInt64,
        isRedelivered: Bool,
        by socket: UInt64
    ) -> String? {
        guard let session = sessions[id] else { return nil }
        let isNext = session.socket != socket || session.next == number
        sessions[id]?.socket = socket
        sessions[id]?.next = number + 1
        sessions[id]?.handled = max(session.handled, number + 1)
        let what = "session \(id), message \(number)"
        if !isNext { return "\(what) comes when \(session.next) is due" }
        if number >= session.sent { return "\(what) was never sent" }
        if number > session.handled { return "\(what) comes before \(session.handled)" }
        guard number < session.handled else { return nil }
        if number >= session.repeatable { return "\(what) is handled again without cause" }
        return isRedelivered ? nil : "\(what) is handled again without a mark"
    }

    /// An echo has reached its client; returns what is wrong about it.
    mutating func echoed(_ id: UInt64, _ number: UInt64) -> String? {
        guard let session = sessions[id] else { return nil }
        sessions[id]?.echoed = max(session.echoed, number + 1)
        let what = "session \(id), echo \(number)"
        if number >= session.handled { return "\(what) was never handled" }
        if number > session.echoed, number > session.losable {
            return "\(what) comes before \(session.echoed)"
        }
        if number < session.echoed, number >= session.repeatable { return "\(what) comes again" }
        return nil
    }

    /// The sessions of a name that a client has open.
    func isOpen(_ id: UInt64) -> Bool { sessions[id]?.isAccepted == true }
}

// MARK: - What is looked at when it can change

extension ClusterSimulation {
    /// The first ones are enough.
    func violate(_ invariant: ClusterInvariant, _ text: String) {
        guard findings.violations.count < 100 else { return }
        transcript.note(at: now, "VIOLATION \(invariant.rawValue): \(text)")
        findings.violations.append(.init(at: now, invariant: invariant, text: text))
    }

    /// I2 and I5, when a node has entered a view.
    func noteView(_ view: OwnershipView, at process: SimulatedProcess) {
        transcript.record(view.epoch.value)
        transcript.note(
            at: now,
            "\(process.id) enters \(view.epoch): \(view.members.map { "\($0.run)\($0.role)" })"
                + " voters \(view.voters) stable \(view.stable)"
        )
        noteOvertaken(in: view)
        for problem in checker.ledger.note(view) { violate(.views, "\(problem)") }
        findings.viewCount = checker.ledger.decided.count
        findings.evictionCount = checker.ledger.evictionCount
    }

    /// I3 and I6, after each step of a node.
    func check(_ process: SimulatedProcess, _ marks: inout ClusterChecker.Marks) {
        let machine = process.cluster.ownership
        let (epoch, stable) = (machine.view.epoch, machine.stable)
        if epoch < marks.epoch || stable < marks.stable {
            violate(.numbers, "\(process.id) falls from \(marks.epoch) to \(epoch)")
        }
        let isNewView = epoch != marks.epoch
        marks = ClusterChecker.Marks(epoch: epoch, stable: stable)
        guard isNewView else { return }
        for name in process.objects.keys.sorted() {
            guard let object = process.objects[name], object.instance != nil else { continue }
            guard process.routes.view.owner(of: object.slot) != process.id,
                // What drains is stopped again when it has; until then nothing of it is released.
                !machine.draining.contains(object.slot.partition)
            else { continue }
            violate(.ownership, "\(process.id) runs name-\(name), which is another's")
        }
    }

    /// I1, when a node has begun to run something or has its lease again.
    func checkOverlap(_ process: SimulatedProcess) {
        let own = process.activeNames
        for other in processes where other !== process && other.isLeased {
            for name in other.activeNames where own.contains(name) {
                violate(.overlap, "name-\(name) runs at \(process.id) and \(other.id)")
            }
        }
    }

    /// I1 and I6, when an object begins something or says something.
    func checkRight(to object: SimulatedObject, at process: SimulatedProcess) {
        if !process.isLeased {
            violate(.ownership, "name-\(object.name) acts at \(process.id) without a lease")
        }
        if !process.isAble(toRun: names[object.name]) {
            violate(.ownership, "name-\(object.name) acts at \(process.id) without its class")
        }
        for other in processes where other !== process && other.isLeased {
            if other.isActive(object.name) {
                violate(.overlap, "name-\(object.name) acts at \(process.id) beside \(other.id)")
            }
        }
    }

    /// I4, when a node has got a lease.
    func checkLease(of process: SimulatedProcess, until: Instant) {
        let isCovered = LeaseCheck.isCovered(
            process.cluster.ownership.run,
            until: nodes[process.node].clock.trueTime(until),
            view: process.cluster.ownership.view
        ) { voter in
            self.voter(voter, in: process.cluster.ownership.view).map {
                ($0.cluster.ownership, nodes[$0.node].clock)
            }
        }
        if !isCovered { violate(.leases, "\(process.id) has a lease beyond the promises") }
    }

    /// The process that acts for a voter: of two with one name the one that is the member, or the
    /// one that has the member's disk.
    private func voter(_ id: NodeID, in view: OwnershipView) -> SimulatedProcess? {
        let namesakes = processes.filter { $0.id == id }
        return namesakes.first { $0.cluster.ownership.run == view.member(id)?.run }
            ?? namesakes.first { !nodes[$0.node].isSpare }
    }

    /// I7, when partitions begin to run: every edge that could has brought its sessions, but for
    /// those that a later view has already sent elsewhere.
    ///
    /// A partition is claimed anew when the objects of some classes come to it: those of the others
    /// run on, and the sessions of an edge that was removed come back to them when they can.
    func checkRollCall(of partitions: Set<PartitionID>, at owner: SimulatedProcess) {
        let silent = owner.cluster.rollCall.silentCount
        guard silent == owner.silentCount else {
            owner.silentCount = silent
            return
        }
        for edge in processes where owner.awaits(edge) {
            for id in edge.sessions.keys.sorted() {
                guard let session = edge.sessions[id], session.isAccepted else { continue }
                let slot = owner.routes.view.slot(of: names[session.name])
                guard owner.objects[session.name]?.instance == nil else { continue }
                guard partitions.contains(slot.partition), owner.owns(slot),
                    !owner.hasSocket(of: id, session.name), owner.isOwed(slot, by: edge)
                else { continue }
                violate(
                    .rollCall,
                    "name-\(session.name) begins at \(owner.id) without session \(id) of \(edge.id)"
                )
            }
        }
    }

    /// I11: the limit of a datagram.
    func checkSize(of datagram: [UInt8], limit: Int) {
        guard datagram.count > limit else { return }
        violate(.membership, "a datagram of \(datagram.count) bytes")
    }

    /// I11: what a node believes of another only grows.
    func checkStanding(of member: Member, at process: SimulatedProcess) {
        let key = "\(process.id)#\(process.number) \(member.id)"
        if let former = checker.standings[key], member.standing < former {
            violate(.membership, "\(process.id) goes back to \(member.standing) of \(member.id)")
        }
        checker.standings[key] = member.standing
        transcript.record(UInt64(member.status.rawValue))
        transcript.note(at: now, "\(process.id): \(member.id) is \(member.status)")
    }
}

extension SimulatedProcess {
    /// Whether this node runs the name or may begin to, if it has its lease.
    func isActive(_ name: Int) -> Bool {
        if draining.contains(where: { $0.name == name }) { return true }
        if objects[name]?.instance != nil { return true }
        guard slots.indices.contains(name), isAble(toRun: world.names[name]) else { return false }
        return routes.ready.contains(slots[name].partition) && owns(slots[name])
    }

    func owns(_ slot: ObjectSlot) -> Bool { routes.view.owner(of: slot) == id }

    var activeNames: [Int] { world.names.indices.filter(isActive) }

    /// Whether the roll call of this node waits for the word of `edge`.
    func awaits(_ edge: SimulatedProcess) -> Bool {
        guard edge !== self else { return true }
        guard routes.runs[edge.id] != nil, let peer = peers[edge.id] else { return false }
        // Two processes may have the name.
        return peer.hello.number == edge.node && peer.isConnected(0)
    }

    func isOwed(_ slot: ObjectSlot, by edge: SimulatedProcess) -> Bool {
        let machine = cluster.ownership
        return RollCallCheck.isOwed(
            slot,
            to: machine.run,
            in: machine.view.epoch,
            byEdgeAt: edge.cluster.ownership.view
        )
    }

    func hasSocket(of session: UInt64, _ name: Int) -> Bool {
        objects[name]?.sockets.contains { $0.session == session && !$0.isEnded } == true
    }
}
