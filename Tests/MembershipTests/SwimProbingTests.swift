import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct SwimProbingTests {
    private static let interval = Duration.milliseconds(500)

    @Test func `a member is pinged every interval, and its answer ends the probe`() throws {
        var harness = Harness(knowing: ["b"])
        let first = try #require(harness.run(for: Self.interval).pingSequence)
        #expect(harness.hear(SwimMessage(.ack(sequence: first)), from: "b") == [])
        let effects = harness.run(for: Self.interval)
        #expect(effects == [.datagram(SwimMessage(.ping(sequence: first + 1)), to: "b")])
    }

    @Test func `a round trip is measured by the direct answer`() throws {
        var harness = Harness(knowing: ["b"])
        let sequence = try #require(harness.run(for: Self.interval).pingSequence)
        let sentAt = try #require(harness.machine.probe?.sentAt)
        let answeredAt = sentAt.advanced(by: .milliseconds(3))
        harness.now = answeredAt
        _ = harness.hear(SwimMessage(.ack(sequence: sequence)), from: "b")
        #expect(harness.machine.roundTripTime(of: node("b")) == .milliseconds(3))
        #expect(harness.machine.roundTripTime(of: node("c")) == nil)
    }

    @Test func `a silent member is suspected after an interval and dead after the suspicion`() {
        var harness = Harness(knowing: ["b"])
        let effects = harness.run(for: .milliseconds(3_500))
        #expect(
            effects.changes == [
                .changed("b", .suspect, was: .alive), .changed("b", .dead, was: .suspect),
            ]
        )
        #expect(harness.machine.liveCount == 1)
        #expect(harness.machine.tally["suspicion"] == 1)
        #expect(harness.machine.tally["death"] == 1)
    }

    @Test func `others and the link are asked when the direct answer is late`() throws {
        var harness = Harness(knowing: ["b", "c"])
        _ = harness.raiseLink(to: "b")
        _ = harness.raiseLink(to: "c")
        let sequence = try #require(harness.run(for: Self.interval).pingSequence)
        let target = try #require(harness.machine.probe?.target.name)
        let helper = target == "b" ? "c" : "b"
        // Unmeasured, a round trip is assumed to take 50 ms, and the direct answer has four times
        // that; then 300 ms are left, of which the helper may use four fifths.
        let request = SwimMessage.Kind.pingRequest(
            sequence: sequence,
            waitMilliseconds: 240,
            target: node(target)
        )
        #expect(
            harness.stepAtWake() == [
                .datagram(SwimMessage(request), to: helper),
                .stream(SwimMessage(.ping(sequence: sequence)), to: target),
            ]
        )
    }

    @Test func `without a link the address is dialled, and a link that rises is an answer`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.run(for: Self.interval)
        #expect(harness.stepAtWake() == [.contact("b")])
        _ = harness.raiseLink(to: "b")
        #expect(harness.machine.probe == nil)
        #expect(harness.run(for: .milliseconds(200)).changes == [])
    }

    @Test(arguments: ["b", "c"])
    func `an answer counts from the target and from whom we asked`(name: String) throws {
        var harness = Harness(knowing: ["b", "c"])
        let sequence = try #require(harness.run(for: Self.interval).pingSequence)
        _ = harness.stepAtWake()
        _ = harness.hear(SwimMessage(.ack(sequence: sequence)), from: name)
        #expect(harness.machine.probe == nil)
    }

    @Test func `an answer from anybody else, or to another ping, changes nothing`() throws {
        var harness = Harness(knowing: ["b"])
        let sequence = try #require(harness.run(for: Self.interval).pingSequence)
        #expect(harness.hear(SwimMessage(.ack(sequence: sequence)), from: "x") == [])
        #expect(harness.hear(SwimMessage(.ack(sequence: sequence &+ 1)), from: "b") == [])
        #expect(harness.hear(SwimMessage(.nack(sequence: sequence)), from: "x") == [])
        #expect(harness.machine.probe?.sequence == sequence)
        #expect(harness.machine.tally["ack: late"] == 2)
    }

    @Test func `traffic on the link within the last second is an answer`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.raiseLink(to: "b")
        var effects: [Effect] = []
        for _ in 0..<20 {
            effects += harness.run(for: .milliseconds(900))
            effects += harness.step(.linkHeard(node("b")))
        }
        #expect(effects.changes == [])
        effects = harness.run(for: .milliseconds(4_500))
        #expect(effects.changes.last == .changed("b", .dead, was: .suspect))
    }

    @Test func `a fallen link is no answer, and its member is probed next`() throws {
        var harness = Harness(knowing: ["b", "c", "d", "e", "f"])
        for name in ["b", "c", "d", "e", "f"] { _ = harness.raiseLink(to: name) }
        for name in ["e", "c", "f"] {
            #expect(harness.step(.linkDown(node(name))) == [])
            let effects = harness.run(for: Self.interval)
            #expect(effects.pinged == [name])
            let ack = SwimMessage(.ack(sequence: try #require(effects.pingSequence)))
            _ = harness.hear(ack, from: name)
        }
    }

    @Test func `the ping of a suspect tells it so`() throws {
        var harness = Harness(knowing: ["b", "c"])
        _ = harness.hear(SwimMessage(.gossip, updates: [news("b", .suspect)]), from: "c")
        harness.machine.queue = GossipQueue()
        let effects = harness.run(for: .seconds(1))
        let ping = effects.first { effect in
            guard case .datagram(let message, to: "b") = effect, case .ping = message.kind else {
                return false
            }
            return message.updates.first == news("b", .suspect)
        }
        #expect(ping != nil)
    }

    @Test func `helpers that say no keep the prober well, silent ones do not`() throws {
        for isTold in [true, false] {
            var harness = Harness(knowing: ["b", "c"])
            let sequence = try #require(harness.run(for: Self.interval).pingSequence)
            _ = harness.stepAtWake()
            let helper = harness.machine.probe?.target == node("b") ? "c" : "b"
            for _ in 0..<(isTold ? 2 : 0) {
                _ = harness.hear(SwimMessage(.nack(sequence: sequence)), from: helper)
            }
            _ = harness.run(for: .milliseconds(301))
            #expect(harness.machine.health.score == (isTold ? 0 : 1))
            #expect(harness.machine.tally["suspicion"] == 1)
        }
    }

    @Test func `an unwell node probes more rarely, and gets well by answers`() throws {
        var harness = Harness(knowing: ["b"])
        harness.machine.localHealth.worsen(by: 3)
        _ = harness.run(for: Self.interval)
        let sequence = try #require(harness.machine.probe?.sequence)
        let sentAt = try #require(harness.machine.probe?.sentAt)
        #expect(sentAt.duration(to: harness.machine.deadlines.probe) == Self.interval * 4)
        _ = harness.hear(SwimMessage(.ack(sequence: sequence)), from: "b")
        #expect(harness.machine.health.score == 2)
    }

    @Test func `a member that refutes during the probe is not accused`() {
        var harness = Harness(knowing: ["b"])
        _ = harness.run(for: Self.interval)
        let refuted = news("b", .alive, refutation: 1)
        _ = harness.hear(SwimMessage(.gossip, updates: [refuted]), from: "c")
        _ = harness.run(for: .milliseconds(499))
        #expect(harness.status(of: "b") == .alive)
    }

    @Test func `time in which the process did not run accuses nobody`() {
        var harness = Harness(knowing: ["b", "c"])
        _ = harness.run(for: Self.interval)
        _ = harness.hear(SwimMessage(.gossip, updates: [news("c", .suspect)]), from: "b")
        let effects = harness.step(.timerFired, after: .seconds(60))
        #expect(effects.changes == [])
        #expect(harness.machine.tally["stall"] == 1)
        #expect(harness.machine.health.score == 1)
        #expect(harness.run(for: .seconds(3)).changes.count == 2)
    }

    @Test func `a timer that is a little late is no stall`() {
        var harness = Harness(knowing: ["b"])
        let wake = harness.wake ?? .zero
        let limit = harness.now.duration(to: wake) + harness.machine.settings.stallMin
        _ = harness.step(.timerFired, after: limit - .nanoseconds(1))
        #expect(harness.machine.tally["stall"] == 0)
    }

    @Test func `a timer that fires too early only sets itself again`() {
        var harness = Harness(knowing: ["b"])
        let wake = harness.wake
        #expect(harness.step(.timerFired) == [])
        #expect(harness.wake == wake)
    }
}
