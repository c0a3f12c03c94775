import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct SwimExchangeTests {
    private func table(_ updates: MemberUpdate..., answerWanted: Bool = false) -> SwimMessage {
        SwimMessage(.table(answerWanted: answerWanted), updates: updates)
    }

    @Test func `the lesser of two ids begins when a link rises`() {
        var harness = Harness()
        let digest = SwimMessage(.digest(hash: harness.machine.tableDigest))
        #expect(harness.raiseLink(to: "b") == [.stream(digest, to: "b")])
        // "Z" sorts before "a".
        #expect(harness.raiseLink(to: "Z") == [])
    }

    @Test func `an equal digest is answered by nothing, another one by the table`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.raiseLink(to: "b")
        let hash = harness.machine.tableDigest
        #expect(harness.hearStream(SwimMessage(.digest(hash: hash)), from: "b") == [])
        let mine = table(news("a", .alive), news("b", .alive), answerWanted: true)
        #expect(
            harness.hearStream(SwimMessage(.digest(hash: hash &+ 1)), from: "b") == [
                .stream(mine, to: "b")
            ]
        )
    }

    @Test func `a table is merged, and answered when that is wanted`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.raiseLink(to: "b")
        let theirs = table(news("a", .alive), news("c", .alive), answerWanted: true)
        let effects = harness.hearStream(theirs, from: "b")
        let mine = table(news("a", .alive), news("b", .alive), news("c", .alive))
        #expect(
            Array(effects.prefix(2)) == [
                .changed("c", .alive, was: nil), .stream(mine, to: "b"),
            ]
        )
        #expect(effects.gossiped.contains(news("c", .alive)))
    }

    @Test func `whoever is dead to another is a suspect here, and whoever left has left`() {
        var harness = Harness(knowing: ["b", "c", "d"])
        let effects = harness.hearStream(table(news("c", .dead), news("d", .left)), from: "b")
        #expect(
            effects.changes == [
                .changed("c", .suspect, was: .alive), .changed("d", .left, was: .alive),
            ]
        )
    }

    @Test func `a node that is dead to another refutes it`() {
        var harness = Harness(knowing: ["b"])
        let effects = harness.hearStream(table(news("a", .dead)), from: "b")
        #expect(effects.gossiped == [news("a", .alive, refutation: 1)])
    }

    @Test func `what a node learns while it is alone is news to nobody`() {
        var harness = Harness()
        harness.machine.queue = GossipQueue()
        #expect(harness.hearStream(table(news("b", .alive)), from: "b").gossiped == [])
        #expect(harness.machine.queue.isEmpty)
        #expect(harness.hearStream(table(news("c", .alive)), from: "b").gossiped.count == 2)
    }

    @Test func `a random member is compared with every fifteen seconds`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.raiseLink(to: "b")
        var digests = 0
        for _ in 0..<60 {
            let effects = harness.run(for: .milliseconds(500))
            _ = harness.step(.linkHeard(node("b")))
            digests +=
                effects.filter { effect in
                    guard case .stream(let message, to: "b") = effect, case .digest = message.kind
                    else { return false }
                    return true
                }.count
        }
        #expect(digests == 2)
    }

    @Test func `a member without a link is dialled instead`() throws {
        var harness = Harness(knowing: ["b"])
        harness.machine.deadlines.exchange = harness.now
        #expect(harness.step(.timerFired) == [.contact("b")])
    }

    @Test func `a table past the limit of a message goes in parts, one at the limit does not`() {
        var settings = SwimSettings()
        // A kind byte and two updates of 30 bytes.
        settings.streamBytesMax = 61
        var harness = Harness(knowing: ["b"], settings: settings)
        _ = harness.raiseLink(to: "b")
        #expect(
            harness.hearStream(SwimMessage(.digest(hash: 0)), from: "b") == [
                .stream(table(news("a", .alive), news("b", .alive), answerWanted: true), to: "b")
            ]
        )
        _ = harness.hearStream(table(news("c", .alive)), from: "b")
        harness.machine.queue = GossipQueue()
        #expect(
            harness.hearStream(SwimMessage(.digest(hash: 0)), from: "b") == [
                .stream(table(news("a", .alive), news("b", .alive)), to: "b"),
                .stream(table(news("c", .alive), answerWanted: true), to: "b"),
            ]
        )
    }

    @Test func `a message past the limit is refused, one at the limit is not`() {
        var settings = SwimSettings()
        settings.streamBytesMax = 61
        var harness = Harness(knowing: ["b"], settings: settings)
        let two = table(news("c", .alive), news("d", .alive))
        #expect(two.encoded.count == 61)
        #expect(harness.hearStream(two, from: "b").changes.count == 2)
        let three = table(news("e", .alive), news("f", .alive), news("g", .alive))
        #expect(harness.hearStream(three, from: "b").changes == [])
        #expect(harness.machine.tally["message: too long"] == 1)
    }

    @Test func `a ping on the link is answered there`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.raiseLink(to: "b")
        #expect(
            harness.hearStream(SwimMessage(.ping(sequence: 3)), from: "b") == [
                .stream(SwimMessage(.ack(sequence: 3)), to: "b")
            ]
        )
        let no = SwimMessage(.nack(sequence: 3))
        #expect(harness.hearStream(no, from: "b") == [])
        #expect(harness.machine.tally["link: datagram message"] == 1)
    }
}
