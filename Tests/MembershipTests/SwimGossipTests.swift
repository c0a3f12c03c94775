import Membership
import Primitives
import Testing

@testable import Membership

@Suite struct SwimGossipTests {
    private static let many = ["b", "c", "d", "e", "f", "g", "h", "i", "j"]

    @Test func `news goes to three members a round, and so often as the limit says`() {
        var harness = Harness(knowing: Self.many)
        let gossip = SwimMessage(.gossip, updates: [news("b", .left)])
        var rounds = [harness.hear(gossip, from: "c")]
        for _ in 0..<20 { rounds.append(harness.run(for: .milliseconds(100))) }
        // Ten members: nine are left alive, so four sends.
        let sends = rounds.map { $0.gossiped.filter { $0 == news("b", .left) }.count }
        #expect(sends.prefix(2).reduce(0, +) == 4)
        #expect(sends.reduce(0, +) == 4)
        #expect(sends[0] == 3)
    }

    @Test func `rounds keep their distance however fast the news comes`() {
        var harness = Harness(knowing: Self.many)
        var rounds = 0
        for refutation in 1...20 as ClosedRange<UInt32> {
            let update = news("b", .alive, refutation: refutation)
            let effects = harness.hear(SwimMessage(.gossip, updates: [update]), from: "c")
            rounds += effects.gossiped.isEmpty ? 0 : 1
        }
        #expect(rounds == 1)
    }

    @Test func `no datagram is longer than its limit`() {
        var harness = Harness(knowing: Self.many)
        var actions: [SwimMachine.Action] = []
        for number in 0..<500 {
            let id = node("a-node-with-quite-a-long-name-\(number)")
            let record = MemberUpdate.Record(address: address("b"), weight: 1)
            let standing = member("b").standing
            let update = MemberUpdate(id: id, standing: standing, record: record)
            let message = SwimMessage(.gossip, updates: [update])
            harness.machine.handle(
                .datagramReceived(
                    message.encoded[...],
                    from: node("b"),
                    incarnation: Incarnation(1),
                    address: address("b")
                ),
                now: .zero,
                actions: &actions
            )
        }
        for milliseconds in 1...500 {
            let now = Instant(nanoseconds: Int64(milliseconds) * 1_000_000)
            harness.machine.handle(.timerFired, now: now, actions: &actions)
        }
        let lengths = actions.compactMap { action -> Int? in
            guard case .sendDatagram(let bytes, _) = action else { return nil }
            return bytes.count
        }
        let longest = lengths.max() ?? 0
        #expect((1_000...1_072).contains(longest))
    }

    @Test func `nothing is sent while there is no news and no probe is due`() {
        var harness = Harness(knowing: Self.many)
        let wake = harness.wake ?? .zero
        let quiet = harness.now.duration(to: wake) - .nanoseconds(1)
        #expect(harness.run(for: quiet) == [])
    }

    @Test func `a leaving node says so over gossip and every link, and probes no more`() {
        var harness = Harness(knowing: ["b", "c"])
        _ = harness.raiseLink(to: "c")
        _ = harness.raiseLink(to: "b")
        let left = SwimMessage(.gossip, updates: [news("a", .left)])
        let effects = harness.step(.leave)
        #expect(effects.prefix(2) == [.stream(left, to: "b"), .stream(left, to: "c")])
        #expect(effects.gossiped == [news("a", .left), news("a", .left)])
        let rest = harness.run(for: .seconds(60))
        #expect(
            rest.allSatisfy { effect in
                guard case .datagram(left, _) = effect else { return false }
                return true
            }
        )
        #expect(harness.hear(SwimMessage(.ping(sequence: 1)), from: "b").count == 1)
        #expect(harness.step(.leave) == [])
        #expect(harness.machine.local.status == .left)
    }

    @Test(
        arguments: [
            ([], "message: truncated"), ([9], "message: invalid value"),
            ([1, 0, 0, 0, 0, 77], "message: invalid value"), ([6], "message: truncated"),
            ([6, 0, 0, 0, 0, 0, 0, 0, 0], "datagram: link message"),
            ([8], "datagram: link message"),
            ([5, 1, 65] + SwimMessageTests.nameless + [97], "message: field too long"),
            ([UInt8](repeating: 5, count: 1_073), "message: too long"),
        ] as [([UInt8], String)]
    )
    func `a bad datagram is counted by reason and dropped whole`(
        bytes: [UInt8],
        reason: String
    ) {
        var harness = Harness(knowing: ["b"])
        let input = SwimMachine.Input.datagramReceived(
            bytes[...],
            from: node("b"),
            incarnation: Incarnation(1),
            address: address("b")
        )
        #expect(harness.step(input) == [])
        #expect(harness.machine.tally[reason] == 1)
    }

    @Test func `good updates before a bad one are dropped with it`() {
        var harness = Harness(knowing: ["b"])
        let message = SwimMessage(.gossip, updates: [news("c", .alive)])
        let bytes = message.encoded + [1]
        let input = SwimMachine.Input.datagramReceived(
            bytes[...],
            from: node("b"),
            incarnation: Incarnation(1),
            address: address("b")
        )
        #expect(harness.step(input) == [])
        #expect(harness.status(of: "c") == nil)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `no bytes of a peer can end the machine`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var harness = Harness(knowing: ["b", "c"])
        for name in ["b", "c"] { _ = harness.raiseLink(to: name) }
        for (_, golden) in SwimMessageTests.golden {
            for _ in 0..<40 {
                var bytes = golden
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
                let from = node(Bool.random(using: &generator) ? "b" : "x")
                let pause = Duration.milliseconds(Int.random(in: 0...300, using: &generator))
                let input: SwimMachine.Input =
                    Bool.random(using: &generator)
                    ? .streamReceived(bytes[...], from: from)
                    : .datagramReceived(
                        bytes[...],
                        from: from,
                        incarnation: Incarnation(1),
                        address: address("b")
                    )
                #expect(!harness.step(input, after: pause).contains(.undecodable))
            }
        }
    }
}
