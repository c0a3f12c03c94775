import Placement
import Primitives
import Testing

/// A newcomer asks to join when sessions of all members can come to it.
@Suite struct LinkPatienceTests {
    private let newcomer: NodeID
    private let members: [NodeID]
    private let settings = OwnershipSettings()

    init() throws {
        newcomer = try #require(NodeID("newcomer"))
        members = try ["a", "b"].map { try #require(NodeID($0)) }
    }

    /// A node that knows a view of `members` from before, after its first steps; with `member` that
    /// run of it is one of them.
    private func machine(
        linkedTo linked: [NodeID]?,
        member: Incarnation? = nil
    ) -> OwnershipMachine {
        var view = OwnershipView.none(cluster: ClusterID(founders: 1, unique: 2))
        view.epoch = Epoch(3)
        view.stable = view.epoch
        for (index, id) in (members + (member == nil ? [] : [newcomer])).enumerated() {
            let incarnation = id == newcomer ? member : nil
            let run = NodeRun(id: id, incarnation: incarnation ?? Incarnation(1))
            let address = SocketAddress.loopback(port: UInt16(index + 1))
            view.members.append(OwnershipMember(run: run, address: address))
        }
        view.voters = [members[0]]
        let run = NodeRun(id: newcomer, incarnation: Incarnation(2))
        var machine = OwnershipMachine(
            local: OwnershipMember(run: run, address: .loopback(port: 9)),
            restored: PersistentState(id: newcomer, incarnation: Incarnation(1), view: view),
            isPredecessorDead: false,
            bootstrap: Bootstrap(seeds: [], unique: 1, key: view.key),
            settings: settings,
            randomSeed: 1,
            now: .zero
        )
        var actions: [OwnershipMachine.Action] = []
        if let linked {
            let addresses = linked.map { ($0, SocketAddress.loopback(port: 7)) }
            let input = OwnershipMachine.Input.linked(Dictionary(uniqueKeysWithValues: addresses))
            machine.handle(input, now: .zero, actions: &actions)
        }
        machine.handle(.timerFired, now: .zero, actions: &actions)
        machine.handle(.persisted(1), now: .zero, actions: &actions)
        return machine
    }

    /// What it says to a node, or to the voter, at its tick after `start`.
    private func sent(
        _ machine: inout OwnershipMachine,
        after start: Duration,
        to receiver: NodeID? = nil
    ) -> [OwnershipMessage] {
        var actions: [OwnershipMachine.Action] = []
        machine.handle(.timerFired, now: Instant.zero.advanced(by: start), actions: &actions)
        return actions.compactMap { action in
            guard case .send(let bytes, to: receiver ?? members[0], _, _) = action else {
                return nil
            }
            return (try? OwnershipEnvelope(decoding: bytes[...]))?.message
        }
    }

    private func isJoin(_ message: OwnershipMessage) -> Bool {
        if case .join = message { return true }
        return false
    }

    @Test func `without one of its links it asks for the view only, and for so long at most`() {
        var machine = machine(linkedTo: [members[0]])
        for milliseconds in stride(from: 250, to: 1_000, by: 250) as StrideTo<Int64> {
            #expect(sent(&machine, after: .milliseconds(milliseconds)) == [.viewRequest])
        }
        let last = sent(&machine, after: settings.linkPatience + .milliseconds(250))
        #expect(last.count == 1 && last.allSatisfy(isJoin))
    }

    @Test func `without a link to any member it never asks to join`() {
        var machine = machine(linkedTo: [])
        let late = settings.linkPatience * 3
        #expect(sent(&machine, after: late) == [.viewRequest])
    }

    @Test func `with links to all of them it asks to join at once`() {
        var machine = machine(linkedTo: members)
        let messages = sent(&machine, after: .milliseconds(250))
        #expect(messages.count == 1 && messages.allSatisfy(isJoin))
    }

    @Test func `the next run of a member waits for no link`() {
        var machine = machine(linkedTo: [], member: Incarnation(1))
        let messages = sent(&machine, after: .milliseconds(250))
        #expect(messages.count == 1 && messages.allSatisfy(isJoin))
    }

    @Test func `whoever is linked and no member is asked too: all members may be others`() throws {
        let stranger = try #require(NodeID("stranger"))
        var machine = machine(linkedTo: members + [stranger])
        let messages = sent(&machine, after: .milliseconds(250), to: stranger)
        #expect(messages.count == 1 && messages.allSatisfy(isJoin))
    }

    @Test func `a member without a lease asks such a one for its view`() throws {
        let stranger = try #require(NodeID("stranger"))
        var machine = machine(linkedTo: members + [stranger], member: Incarnation(2))
        #expect(sent(&machine, after: .milliseconds(250), to: stranger) == [.viewRequest])
    }

    @Test func `where nobody tells of links none is waited for`() {
        var machine = machine(linkedTo: nil)
        let messages = sent(&machine, after: .milliseconds(250))
        #expect(messages.count == 1 && messages.allSatisfy(isJoin))
    }
}
