import Primitives
import Testing

@testable import Placement

/// What a node may run when the members of its views run different classes.
@Suite struct ClassClaimTests {
    @Test func `where another takes a class over, the rest is claimed when that has stopped`()
        throws
    {
        var node = try SoleVoter(running: try classSet("A", "B"))
        let all = node.claimAll()
        #expect(all.count == PartitionID.count)
        node.enter(adding: try classSet("A"))
        let lost = node.partitions(of: "A", ownedBy: "other")
        #expect(!lost.isEmpty && lost.count < PartitionID.count)
        #expect(node.stopped == [lost])
        // Of these it has kept B, and owes a release as long as A is there.
        #expect(node.machine.released < node.machine.view.epoch)
        #expect(node.state(lost[0]) == .wait(.draining))
        #expect(node.claimAll().count == PartitionID.count - lost.count)
        node.handle(.drained(lost))
        #expect(node.machine.released == node.machine.view.epoch)
        #expect(node.state(lost[0]) == .run)
        #expect(node.claimAll() == all)
    }

    @Test func `where it gets another class a node claims anew, and waits for who had it`() throws {
        var node = try SoleVoter(running: try classSet("A", "B"), beside: [try classSet("A")])
        #expect(node.claimAll().count == PartitionID.count)
        let gained = node.partitions(of: "A", ownedBy: "other")
        node.enter(adding: nil)
        #expect(node.stopped == [gained])
        node.handle(.drained(gained))
        guard case .wait(.fence) = node.state(gained[0]) else {
            Issue.record("the class of a removed member runs at once")
            return
        }
        #expect(node.claimAll().count == PartitionID.count - gained.count)
        node.run(for: .seconds(5))
        #expect(node.claimAll().count == PartitionID.count)
    }

    @Test func `what a node keeps there is stopped when a later view takes it`() throws {
        var node = try SoleVoter(running: try classSet("A", "B"))
        _ = node.claimAll()
        node.enter(adding: try classSet("A"))
        let first = try #require(node.stopped.first)
        // The other member runs B too from now on: what was kept goes as well.
        node.enter(replacing: try classSet("A", "B"))
        let taken = Set(node.partitions(of: "B", ownedBy: "other"))
        let again = first.filter(taken.contains)
        #expect(!again.isEmpty)
        // Nothing is stopped twice at once.
        #expect(node.stopped.dropFirst().allSatisfy { Set($0).isDisjoint(with: first) })
        node.stopped = []
        node.handle(.drained(first))
        #expect(node.stopped == [again])
        #expect(node.machine.released < node.machine.view.epoch)
        node.handle(.drained(again))
        node.drainRest()
        #expect(node.machine.released == node.machine.view.epoch)
    }

    @Test func `members that run the same are given and take partitions as ever`() throws {
        let set = try classSet("A", "B")
        var node = try SoleVoter(running: set)
        _ = node.claimAll()
        node.enter(adding: set)
        let lost = node.partitions(of: "A", ownedBy: "other")
        #expect(node.stopped == [lost])
        #expect(node.machine.lingering.isEmpty)
        #expect(node.state(lost[0]) == .notMine(owner: node.machine.view.members[0].id))
    }

    @Test func `one that would make too many groups is told so, and is not let in`() throws {
        let count = ClassGroups.countMax
        let full = try (0..<count).map { try classSet("\($0)") }
        for (number, isAdmitted) in [(count - 1, true), (count, false)] {
            let others = Array(full.dropFirst().dropLast())
            var node = try SoleVoter(running: full[0], beside: others + [full[count - 1]])
            let denial = node.join(running: try classSet("\(number)"))
            #expect(denial == (isAdmitted ? nil : .tooManyClassSets))
            node.run(for: .milliseconds(500))
            #expect(node.machine.view.members.count == count + (isAdmitted ? 1 : 0))
        }
    }
}

/// A member that is the only voter, beside one that is named by the views that it is given.
private struct SoleVoter {
    var machine: OwnershipMachine
    /// What it was told to stop, one list for each time.
    var stopped: [[PartitionID]] = []
    private var told: [OwnershipMessage] = []
    private var now = Instant.zero
    private var wakeAt = Instant.zero
    private var inputs: [OwnershipMachine.Input] = []
    private var lastIncarnation: UInt64 = 1

    init(running classes: ClassSet, beside others: [ClassSet] = []) throws {
        let local = OwnershipMember(
            run: NodeRun(id: try node("voter"), incarnation: Incarnation(2)),
            address: SocketAddress(ip: .v4(1), port: 1),
            machine: 7,
            classes: classes
        )
        var former = local
        former.run = NodeRun(id: local.id, incarnation: Incarnation(1))
        var view = OwnershipView.none(cluster: ClusterID(founders: 1, unique: 1))
        view.epoch = Epoch(10)
        view.stable = Epoch(10)
        view.insert(former)
        for (number, set) in others.enumerated() {
            view.insert(try Self.other(1, set, named: number == 0 ? "other" : "other-\(number)"))
        }
        view.voters = [local.id]
        machine = OwnershipMachine(
            local: local,
            restored: PersistentState(
                id: local.id,
                incarnation: Incarnation(1),
                view: view
            ),
            isPredecessorDead: true,
            bootstrap: Bootstrap(seeds: [], unique: 1, key: .zero),
            settings: OwnershipSettings(),
            randomSeed: 1,
            now: now
        )
        handle(.timerFired)
        run(for: .seconds(1))
        for member in machine.view.members where member.id != local.id { hear(from: member.run) }
        try #require(machine.isMember && machine.stable == machine.view.epoch)
    }

    private static func other(
        _ incarnation: UInt64,
        _ classes: ClassSet,
        named name: String = "other"
    ) throws -> OwnershipMember {
        OwnershipMember(
            run: NodeRun(id: try node(name), incarnation: Incarnation(incarnation)),
            address: SocketAddress(ip: .v4(2), port: 1),
            canVote: false,
            classes: classes
        )
    }

    /// The next view, with the other member as given, or without it.
    mutating func enter(adding classes: ClassSet?) {
        var next = machine.successor()
        for member in next.members where member.id != machine.local.id {
            next.remove(member.run, fence: 2_000, isCertain: false)
        }
        if let classes, let member = try? Self.other(lastIncarnation, classes) {
            next.insert(member)
        }
        receive(.view(next), from: machine.local.run, named: "outsider")
    }

    /// The next view, in which another run of the other member runs other classes.
    mutating func enter(replacing classes: ClassSet) {
        lastIncarnation += 1
        enter(adding: classes)
    }

    /// The member has released through the present view.
    private mutating func hear(from run: NodeRun) {
        receive(.status(answerWanted: false), from: run, named: run.id.name)
    }

    private mutating func receive(
        _ message: OwnershipMessage,
        from run: NodeRun,
        named name: String
    ) {
        guard let id = NodeID(name) else { return }
        let sender = id == run.id ? run : NodeRun(id: id, incarnation: Incarnation(1))
        let envelope = OwnershipEnvelope(
            cluster: machine.view.cluster,
            sender: sender,
            epoch: machine.view.epoch,
            stable: .none,
            released: machine.view.epoch,
            message: message
        )
        let address = SocketAddress(ip: .v4(2), port: 1)
        handle(.received(envelope.encoded[...], from: id, at: address))
    }

    /// One more node asks to join; what it was denied for.
    mutating func join(running classes: ClassSet) -> OwnershipMessage.Denial? {
        guard let member = try? Self.other(1, classes, named: "joiner") else { return nil }
        told = []
        let message = OwnershipMessage.join(member, isPredecessorDead: false)
        receive(message, from: member.run, named: member.id.name)
        for case .deny(_, let denial) in told { return denial }
        return nil
    }

    func partitions(of className: String, ownedBy name: String) -> [PartitionID] {
        let owners = Owners(of: machine.view.asPast)
        return (0...UInt16.max).map { PartitionID($0) }.filter {
            owners.owner(of: ObjectSlot($0, ClassHash(of: className)))?.id.name == name
        }
    }

    mutating func claimAll() -> [PartitionID] {
        machine.claim(all: (0...UInt16.max).map { PartitionID($0) }, now: now)
    }

    func state(_ partition: PartitionID) -> PartitionState {
        machine.state(of: partition, now: now)
    }

    /// Everything that is still to be stopped is.
    mutating func drainRest() {
        handle(.drained(machine.draining.partitions))
    }

    mutating func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while wakeAt <= end {
            now = max(now, wakeAt)
            handle(.timerFired)
        }
        now = end
    }

    mutating func handle(_ input: OwnershipMachine.Input) {
        inputs.append(input)
        while !inputs.isEmpty {
            var actions: [OwnershipMachine.Action] = []
            machine.handle(inputs.removeFirst(), now: now, actions: &actions)
            for action in actions {
                switch action {
                case .persist(_, let number): inputs.append(.persisted(number))
                case .wake(let at): wakeAt = at
                case .stop(let partitions): stopped.append(partitions)
                case .send(let bytes, _, _, _):
                    if let envelope = try? OwnershipEnvelope(decoding: bytes[...]) {
                        told.append(envelope.message)
                    }
                case .entered, .leased, .frozen, .reconsider, .renamed, .left, .superseded,
                    .refused:
                    break
                }
            }
        }
    }
}
