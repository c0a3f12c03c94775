import Placement
import Primitives
import Testing

@testable import Cluster

@Suite struct RollCallTests {
    private let local: NodeID
    private let one: NodeID
    private let two: NodeID
    private let partitions = PartitionSet([PartitionID(3), PartitionID(5)])

    init() throws {
        local = try #require(NodeID("local"))
        one = try #require(NodeID("one"))
        two = try #require(NodeID("two"))
    }

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    /// A node that is linked with both others, in view 4, and has claimed `partitions` at 0 ms.
    private func claiming() -> RollCall {
        var call = RollCall(local: local)
        var actions: [ClusterMachine.Action] = []
        call.enter(Epoch(4), members: [one, two])
        call.linkRose(to: one, &actions)
        call.linkRose(to: two, &actions)
        call.counted(Epoch(4), missing: [:], members: [one, two], &actions)
        call.begin(partitions, epoch: Epoch(4), now: at(0))
        return call
    }

    private func tell(
        _ call: inout RollCall,
        _ peer: NodeID,
        epoch: UInt64 = 4,
        missing: [UInt16] = []
    ) -> [ClusterMachine.Action] {
        var actions: [ClusterMachine.Action] = []
        let message = RollCallMessage(
            epoch: Epoch(epoch),
            isAnswerWanted: false,
            missing: missing.map { PartitionID($0) }
        )
        call.receive(message, from: peer, &actions)
        return actions
    }

    private func ready(_ call: inout RollCall, at milliseconds: Int64 = 0) -> [UInt16] {
        call.ready(of: partitions, now: at(milliseconds)).partitions.map(\.value)
    }

    @Test func `what was claimed waits for the word of every linked member`() {
        var call = claiming()
        #expect(ready(&call) == [])
        _ = tell(&call, one)
        #expect(ready(&call) == [])
        #expect(call.gatheringCount == 2)
        _ = tell(&call, two)
        #expect(ready(&call) == [3, 5])
        #expect(call.gatheringCount == 0)
    }

    @Test func `only the partitions of which sessions are missing wait on`() {
        var call = claiming()
        _ = tell(&call, one, missing: [5, 9])
        _ = tell(&call, two)
        #expect(ready(&call) == [3])
        _ = tell(&call, one, missing: [9])
        #expect(ready(&call) == [3, 5])
    }

    @Test func `the word of an earlier view does not count, and does not undo a later one`() {
        var call = claiming()
        _ = tell(&call, two)
        _ = tell(&call, one, epoch: 3)
        #expect(ready(&call) == [])
        call.enter(Epoch(5), members: [one, two])
        _ = tell(&call, one, epoch: 5)
        _ = tell(&call, one, epoch: 4, missing: [3])
        #expect(ready(&call) == [3, 5])
    }

    @Test func `the word of a view that this node does not have yet is waited with`() {
        var call = claiming()
        _ = tell(&call, one)
        _ = tell(&call, two, epoch: 5)
        #expect(ready(&call) == [])
        #expect(ready(&call, at: RollCall.patience.milliseconds) == [3, 5])
        var other = claiming()
        _ = tell(&other, one)
        _ = tell(&other, two, epoch: 5)
        other.enter(Epoch(5), members: [one, two])
        #expect(ready(&other) == [3, 5])
    }

    @Test func `the word of a node that is no member counts for nothing`() throws {
        var call = claiming()
        _ = tell(&call, one)
        _ = tell(&call, try #require(NodeID("stranger")), missing: [3])
        _ = tell(&call, two)
        #expect(ready(&call) == [3, 5])
    }

    @Test func `a member whose link is down is not waited for`() {
        var call = claiming()
        _ = tell(&call, one)
        call.linkFell(to: two)
        #expect(ready(&call) == [3, 5])
    }

    @Test func `this node waits for its own sessions too`() {
        var call = claiming()
        var actions: [ClusterMachine.Action] = []
        let mine = PartitionSet([PartitionID(3)])
        call.counted(Epoch(4), missing: [local: mine], members: [one, two], &actions)
        _ = tell(&call, one)
        _ = tell(&call, two)
        #expect(ready(&call) == [5])
        call.counted(Epoch(4), missing: [:], members: [one, two], &actions)
        #expect(ready(&call) == [3, 5])
    }

    @Test func `silence is waited for until the patience ends, and no longer`() {
        var call = claiming()
        let patience = RollCall.patience.milliseconds
        #expect(ready(&call, at: patience - 1) == [])
        #expect(call.silentCount == 0)
        #expect(ready(&call, at: patience) == [3, 5])
        #expect(call.silentCount == 1)
    }

    @Test func `who has not answered is asked again, who has is not`() {
        var call = claiming()
        _ = tell(&call, one)
        var actions: [ClusterMachine.Action] = []
        let interval = RollCall.askInterval.milliseconds
        #expect(call.nextDeadline == at(interval))
        call.ask(now: at(interval - 1), &actions)
        #expect(actions == [])
        call.ask(now: at(interval), &actions)
        let question = RollCallMessage(epoch: Epoch(4), isAnswerWanted: true, missing: [])
        #expect(actions == [.sendRollCall(question, to: two)])
        #expect(call.nextDeadline == at(2 * interval))
        _ = tell(&call, two)
        _ = ready(&call)
        #expect(call.nextDeadline == nil)
    }

    @Test func `a partition that is taken away is gathered for no longer`() {
        var call = claiming()
        call.forget(PartitionSet([PartitionID(3)]))
        #expect(call.gatheringCount == 1)
    }

    @Test func `an edge tells each owner what that owner lacks, whenever it changes`() {
        var call = RollCall(local: local)
        var actions: [ClusterMachine.Action] = []
        call.enter(Epoch(4), members: [one, two])
        call.linkRose(to: one, &actions)
        #expect(actions == [], "nothing was counted yet")
        let waiting = [one: partitions]
        call.counted(Epoch(4), missing: waiting, members: [one, two], &actions)
        let full = RollCallMessage(
            epoch: Epoch(4),
            isAnswerWanted: false,
            missing: partitions.partitions
        )
        #expect(actions == [.sendRollCall(full, to: one)])
        actions = []
        call.counted(Epoch(4), missing: waiting, members: [one, two], &actions)
        #expect(actions == [], "nothing has changed")
        call.counted(Epoch(4), missing: [:], members: [one, two], &actions)
        let none = RollCallMessage(epoch: Epoch(4), isAnswerWanted: false, missing: [])
        #expect(actions == [.sendRollCall(none, to: one)])
        actions = []
        call.linkRose(to: two, &actions)
        #expect(actions == [.sendRollCall(none, to: two)])
        actions = []
        call.counted(Epoch(3), missing: waiting, members: [one, two], &actions)
        #expect(actions == [], "that view is past")
    }

    @Test func `a question is answered with where this edge stands`() {
        var call = claiming()
        var actions: [ClusterMachine.Action] = []
        let question = RollCallMessage(epoch: Epoch(9), isAnswerWanted: true, missing: [])
        call.receive(question, from: two, &actions)
        let answer = RollCallMessage(epoch: Epoch(4), isAnswerWanted: false, missing: [])
        #expect(actions == [.sendRollCall(answer, to: two)])
    }

    @Test func `a message comes back from its bytes, and only from all of them`() throws {
        let all = PartitionSet((0...UInt16.max).map { PartitionID($0) }).partitions
        for missing in [[], [PartitionID(7)], all] {
            let message = RollCallMessage(
                epoch: Epoch(77),
                isAnswerWanted: missing.isEmpty,
                missing: missing
            )
            let bytes = message.encoded
            #expect(try RollCallMessage(decoding: bytes[...]) == message)
            #expect(throws: ByteError.self) {
                try RollCallMessage(decoding: bytes.dropLast())
            }
            #expect(throws: ByteError.self) {
                try RollCallMessage(decoding: (bytes + [0])[...])
            }
        }
    }

    @Test func `a count of more partitions than there are is refused before anything is made`() {
        var writer = ByteWriter()
        writer.write(UInt64(1))
        writer.write(UInt8(0))
        writer.write(UInt32(PartitionID.count + 1))
        let bytes = writer.take()
        let limit = PartitionID.count
        #expect(throws: ByteError.tooLong(length: limit + 1, limit: limit)) {
            try RollCallMessage(decoding: bytes[...])
        }
    }
}
