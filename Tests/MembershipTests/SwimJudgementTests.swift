import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct SwimJudgementTests {
    private func gossip(_ updates: MemberUpdate...) -> SwimMessage {
        SwimMessage(.gossip, updates: updates)
    }

    @Test func `an unknown member that is alive is taken in and told of`() {
        var harness = Harness(knowing: ["b"])
        let effects = harness.hear(gossip(news("c", .alive)), from: "b")
        #expect(effects.first == .changed("c", .alive, was: nil))
        #expect(effects.gossiped.contains(news("c", .alive)))
        #expect(harness.machine.members.map(\.id) == ["a", "b", "c"].map(node))
    }

    @Test(arguments: [MemberStatus.suspect, .dead, .left])
    func `an unknown member that is anything else is ignored`(status: MemberStatus) {
        var harness = Harness(knowing: ["b"])
        #expect(harness.hear(gossip(news("x", status)), from: "b") == [])
        #expect(harness.machine.tally["update: unknown member"] == 1)
        #expect(harness.status(of: "x") == nil)
    }

    @Test func `an older claim changes nothing, whatever it says`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.hear(gossip(news("c", .alive, incarnation: 2, refutation: 2)), from: "b")
        harness.machine.queue = GossipQueue()
        for update in [
            news("c", .alive, incarnation: 2, refutation: 2),
            news("c", .suspect, incarnation: 2, refutation: 1),
            news("c", .dead, incarnation: 2, refutation: 1), news("c", .left, incarnation: 1),
            news("c", .alive, incarnation: 1, refutation: 9),
        ] { #expect(harness.hear(gossip(update), from: "b") == []) }
        #expect(harness.status(of: "c") == .alive)
    }

    @Test func `a suspect that refutes lives, and a dead member can come back so`() {
        var harness = Harness(knowing: ["b", "c"])
        #expect(
            harness.hear(gossip(news("c", .suspect)), from: "b").changes == [
                .changed("c", .suspect, was: .alive)
            ]
        )
        #expect(
            harness.hear(gossip(news("c", .alive, refutation: 1)), from: "b").changes == [
                .changed("c", .alive, was: .suspect)
            ]
        )
        #expect(
            harness.hear(gossip(news("c", .dead, refutation: 1)), from: "b").changes == [
                .changed("c", .dead, was: .alive)
            ]
        )
        #expect(harness.machine.liveCount == 2)
        #expect(
            harness.hear(gossip(news("c", .alive, refutation: 2)), from: "b").changes == [
                .changed("c", .alive, was: .dead)
            ]
        )
        #expect(harness.machine.liveCount == 3)
    }

    @Test func `who left is left for good, until a new process comes`() {
        var harness = Harness(knowing: ["b", "c"])
        _ = harness.hear(gossip(news("c", .left)), from: "b")
        let late = gossip(news("c", .alive, refutation: 9), news("c", .dead, refutation: 9))
        #expect(harness.hear(late, from: "b").changes == [])
        #expect(
            harness.hear(gossip(news("c", .alive, incarnation: 2)), from: "b").changes == [
                .changed("c", .alive, was: .left)
            ]
        )
    }

    @Test func `a new process brings its own address and weight`() throws {
        var harness = Harness(knowing: ["b", "c"])
        var update = news("c", .alive, incarnation: 2)
        update.record = MemberUpdate.Record(address: address("q"), weight: 7)
        let effects = harness.hear(gossip(update), from: "b")
        #expect(effects.changes == [.changed("c", .alive, was: .alive)])
        let known = try #require(harness.machine.member(node("c")))
        #expect(known.address == address("q"))
        #expect(known.weight == 7)
        #expect(known.incarnation == Incarnation(2))
    }

    @Test func `a process that was never seen alive is not accused`() {
        var harness = Harness(knowing: ["b", "c"])
        #expect(harness.hear(gossip(news("c", .dead, incarnation: 2)), from: "b") == [])
        #expect(harness.machine.tally["update: unknown process"] == 1)
        #expect(harness.status(of: "c") == .alive)
    }

    @Test func `different accusers shorten a suspicion, the same one does not`() throws {
        var harness = Harness(knowing: ["b", "c", "d", "e"])
        var deadlines: [Duration] = []
        for accuser in ["p", "p", "q", "p", "r", "s"] {
            _ = harness.hear(gossip(news("c", .suspect, by: accuser)), from: "b")
            let deadline = try #require(harness.machine.suspicions.first?.deadline)
            deadlines.append(harness.now.duration(to: deadline))
        }
        let seconds = deadlines.map { ($0.inSeconds * 10).rounded() / 10 }
        #expect(seconds == [12, 12, 5.7, 5.7, 2, 2])
        let accuser = harness.machine.update(about: 2).accuser
        #expect(accuser == node("p").accuserMark)
    }

    @Test(arguments: [MemberStatus.suspect, .dead])
    func `an accusation of this node is refuted`(status: MemberStatus) {
        var harness = Harness(knowing: ["b"])
        let effects = harness.hear(gossip(news("a", status, refutation: 4)), from: "b")
        #expect(
            effects == [
                .datagram(gossip(news("a", .alive, refutation: 5)), to: "b")
            ]
        )
        #expect(harness.machine.local.refutation == 5)
        #expect(harness.machine.health.score == 1)
        #expect(harness.hear(gossip(news("a", status, refutation: 4)), from: "b") == [])
        #expect(harness.machine.tally["refutation"] == 1)
    }

    @Test func `who accuses in a ping hears the refutation with the answer, however often`() {
        var harness = Harness(knowing: ["b"])
        let ping = SwimMessage(.ping(sequence: 1), updates: [news("a", .suspect)])
        let answer = SwimMessage(.ack(sequence: 1), updates: [news("a", .alive, refutation: 1)])
        for _ in 0..<3 {
            let effects = harness.hear(ping, from: "b")
            harness.machine.queue = GossipQueue()
            guard case .datagram(let message, to: "b") = effects.first else {
                Issue.record("no answer: \(effects)")
                return
            }
            #expect(message.kind == answer.kind)
            #expect(message.updates.first == answer.updates.first)
        }
        #expect(harness.machine.local.refutation == 1)
    }

    @Test func `an accusation goes over the link too, and is refuted over it`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.raiseLink(to: "b")
        let accusation = gossip(news("b", .suspect, by: "a"))
        let effects = harness.run(for: .milliseconds(2_500))
        #expect(effects.contains(.stream(accusation, to: "b")))
        let refutation = gossip(news("a", .alive, refutation: 1))
        #expect(
            harness.hearStream(gossip(news("a", .suspect)), from: "b").first
                == .stream(refutation, to: "b")
        )
    }

    @Test func `the highest accusation is answered without overflow`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.hear(gossip(news("a", .dead, refutation: .max)), from: "b")
        #expect(harness.machine.local.refutation == .max)
    }

    @Test func `what is said of an earlier process of this node is ignored`() {
        var harness = Harness(knowing: ["b"])
        #expect(harness.hear(gossip(news("a", .dead, incarnation: 0)), from: "b") == [])
        #expect(harness.hear(gossip(news("a", .alive, refutation: 3)), from: "b") == [])
        #expect(harness.machine.local.refutation == 0)
    }

    @Test func `a later process of this name ends this one, and it is silent from then on`() {
        var harness = Harness(knowing: ["b"])
        let effects = harness.hear(gossip(news("a", .alive, incarnation: 2)), from: "b")
        #expect(effects == [.superseded(by: 2)])
        #expect(harness.hear(SwimMessage(.ping(sequence: 1)), from: "b") == [])
        #expect(harness.step(.timerFired, after: .seconds(60)) == [])
    }

    @Test func `a datagram or a link of a later namesake ends this process too`() {
        var harness = Harness(knowing: ["b"])
        let ping = SwimMessage(.ping(sequence: 1))
        #expect(harness.hear(ping, from: "a", incarnation: 2) == [.superseded(by: 2)])
        harness = Harness(knowing: ["b"])
        let link = SwimMachine.Input.linkUp(node("a"), Incarnation(2), address("q"))
        #expect(harness.step(link) == [.superseded(by: 2)])
    }

    @Test func `an earlier namesake is told of this process`() {
        var harness = Harness(knowing: ["b"])
        let ping = SwimMessage(.ping(sequence: 1))
        #expect(
            harness.hear(ping, from: "a", incarnation: 0) == [
                .datagram(gossip(news("a", .alive)), to: "a")
            ]
        )
        #expect(harness.hear(ping, from: "a", incarnation: 1) == [])
        #expect(harness.machine.tally["datagram: own name"] == 2)
    }

    @Test func `an earlier process that is refused a link hears of the later one`() {
        var harness = Harness(knowing: ["b", "c"])
        let later = news("c", .alive, incarnation: 2)
        _ = harness.hear(gossip(later), from: "b")
        harness.machine.queue = GossipQueue()
        let refused = { SwimMachine.Input.linkRefused(node("c"), Incarnation($0), address("q")) }
        let told = Effect.datagram(SwimMessage(.gossip, updates: [later]), to: "q")
        #expect(harness.step(refused(1)) == [told])
        // It is none of those that have a successor.
        #expect(harness.step(refused(2)) == [])
        let isLatest = { harness.machine.isLatest(node("c"), Incarnation($0)) }
        #expect([1, 2, 3].map(isLatest) == [false, true, true])
        #expect(harness.machine.isLatest(node("d"), Incarnation(1)))
    }

    @Test func `whoever pings and is not held alive hears it with the answer`() {
        for held in [news("c", .suspect), news("c", .left), news("c", .alive, incarnation: 2)] {
            var harness = Harness(knowing: ["b", "c"])
            _ = harness.hear(gossip(held), from: "b")
            harness.machine.queue = GossipQueue()
            let answer = SwimMessage(.ack(sequence: 1), updates: [held])
            #expect(
                harness.hear(SwimMessage(.ping(sequence: 1)), from: "c") == [
                    .datagram(answer, to: "c")
                ]
            )
        }
    }

    @Test(arguments: [
        SocketAddress(ip: .v4(0), port: 7_000), SocketAddress(ip: .v6(0, 0), port: 7_000),
        SocketAddress.loopback(port: 0),
    ])
    func `a member at no address is not taken in`(nowhere: SocketAddress) {
        var harness = Harness(knowing: ["b"])
        var update = news("c", .alive)
        update.record = MemberUpdate.Record(address: nowhere, weight: 1)
        #expect(harness.hear(gossip(update), from: "b") == [])
        #expect(harness.machine.tally["update: no address"] == 1)
    }

    @Test func `the last member is taken in, and one more is refused`() {
        var settings = SwimSettings()
        settings.membersMax = 3
        var harness = Harness(knowing: ["b"], settings: settings)
        let effects = harness.hear(gossip(news("c", .alive), news("d", .alive)), from: "b")
        #expect(effects.changes == [.changed("c", .alive, was: nil)])
        #expect(harness.machine.tally["update: too many members"] == 1)
    }
}
