import Placement
import Primitives
import Testing

@Suite struct OwnershipHistoryTests {
    /// With the history half full, a dead member goes only when the living have released: views
    /// that cannot be settled would fill the history, and a full one is the end of all changes.
    @Test func `members are not evicted one by one into a history without end`() throws {
        var node = try LoneVoter(historyCount: OwnershipLimits.historyMaxForEvictions)
        node.run(for: .seconds(10))
        #expect(node.machine.isMember)
        #expect(node.machine.view.members.count == 3)
        node.hearFromLiving(releasing: node.machine.view.epoch)
        node.run(for: .seconds(1))
        #expect(node.machine.view.members.count == 2)
    }

    @Test func `with a shorter history a dead member goes at once`() throws {
        var node = try LoneVoter(historyCount: OwnershipLimits.historyMaxForEvictions - 10)
        node.run(for: .seconds(10))
        #expect(node.machine.view.members.count < 3)
    }
}

/// A voter that restarts among a member that lives, and one that is dead.
private struct LoneVoter {
    var machine: OwnershipMachine
    private var now = Instant.zero
    private var wakeAt = Instant.zero
    private var inputs: [OwnershipMachine.Input] = []

    init(historyCount: Int) throws {
        let members = try ["dead", "living", "voter"].enumerated().map { number, name in
            OwnershipMember(
                run: NodeRun(id: try #require(NodeID(name)), incarnation: Incarnation(1)),
                address: SocketAddress(ip: .v4(UInt32(number + 1)), port: 1),
                // One that leaves is never made a voter, so that nobody else has to answer.
                role: name == "voter" ? .active : .leaving,
                machine: 7
            )
        }
        var view = OwnershipView.none(cluster: ClusterID(founders: 1, unique: 1))
        view.members = members
        view.voters = [members[2].id]
        view.latestRuns = members.map(\.run)
        let first = Epoch(100)
        view.stable = first
        view.history = (0..<historyCount).map { number in
            let past = members.map { PastView.Member(run: $0.run, share: $0.share) }
            return PastView(epoch: Epoch(first.value + UInt64(number)), members: past)
        }
        view.epoch = Epoch(first.value + UInt64(historyCount))
        machine = OwnershipMachine(
            local: members[2],
            restored: PersistentState(
                id: members[2].id,
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
        handle(.suspected(members[0].id, true))
        run(for: .milliseconds(500))
    }

    /// The living member renews all the time.
    mutating func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while wakeAt <= end {
            now = max(now, wakeAt)
            hearFromLiving(releasing: .none)
            handle(.timerFired)
        }
        now = end
    }

    mutating func hearFromLiving(releasing released: Epoch) {
        guard let living = machine.view.members.first(where: { $0.id.name == "living" }) else {
            return
        }
        let number = UInt64(now.nanoseconds + 1)
        let envelope = OwnershipEnvelope(
            cluster: machine.view.cluster,
            sender: living.run,
            epoch: machine.view.epoch,
            stable: .none,
            released: released,
            message: .renew(
                request: number,
                seen: number,
                voterGeneration: machine.view.voterGeneration
            )
        )
        handle(.received(envelope.encoded[...], from: living.id, at: living.address))
    }

    private mutating func handle(_ input: OwnershipMachine.Input) {
        inputs.append(input)
        while !inputs.isEmpty {
            var actions: [OwnershipMachine.Action] = []
            machine.handle(inputs.removeFirst(), now: now, actions: &actions)
            for action in actions {
                if case .persist(_, let number) = action { inputs.append(.persisted(number)) }
                if case .wake(let at) = action { wakeAt = at }
            }
        }
    }
}
