import Primitives
import Testing

@testable import Wire

@Suite struct LaneChaosTests {
    @Test(arguments: [LaneChaos.Profile.heavy, .light], 1...30 as ClosedRange<UInt64>)
    func `nothing is lost, doubled or reordered, however connections are cut`(
        profile: LaneChaos.Profile,
        seed: UInt64
    ) throws {
        var chaos = LaneChaos(seed: seed, profile: profile)
        try chaos.run(steps: 300)
        #expect(chaos.keepsCredit)
        for index in 0...1 {
            for id in chaos.streams {
                let sent = chaos.accepted[index][id]
                let received = chaos.shuttle.ends[1 - index].received[id]
                #expect(received == sent, "seed \(seed), stream \(id) from \(index)")
            }
        }
        checkProcessed(of: chaos.streams, in: chaos, seed)
        checkAttachments(of: chaos.streams, in: chaos, seed)
        #expect(chaos.shuttle.ends.allSatisfy { $0.ended.isEmpty })
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `streams that come and go leave nothing behind and lose at most their tail`(
        seed: UInt64
    ) throws {
        var chaos = LaneChaos(seed: seed, profile: .churning)
        try chaos.run(steps: 500)
        #expect(chaos.keepsCredit)
        for index in 0...1 {
            for id in chaos.streams {
                let sent = chaos.accepted[index][id] ?? []
                let received = chaos.shuttle.ends[1 - index].received[id] ?? []
                #expect(received == Array(sent.prefix(received.count)))
                // Who closed a stream in order has all of its messages delivered.
                let isWhole = !chaos.ended.contains(id) || chaos.closedBy[id] == index
                if isWhole { #expect(received == sent, "seed \(seed), stream \(id)") }
            }
        }
        let certain = chaos.streams.filter {
            // Who has accepted a stream and closed it in order has told all that it took before.
            !chaos.ended.contains($0) || chaos.closedBy[$0] == 1 - chaos.opener(of: $0)
        }
        checkProcessed(of: certain, in: chaos, seed)
        checkAttachments(of: certain, in: chaos, seed)
        let living = chaos.streams.count - chaos.ended.count
        for end in chaos.shuttle.ends {
            #expect(end.machine.streamCount == living)
            #expect(end.machine.poolUsed == 0)
            #expect(end.machine.resets.isEmpty)
        }
    }

    /// In the end the opener of a session knows how much the other end has taken; nobody else does.
    private func checkProcessed(of streams: [StreamID], in chaos: LaneChaos, _ seed: UInt64) {
        #expect(chaos.keepsProcessed, "seed \(seed)")
        #expect(chaos.keepsAttachments, "seed \(seed)")
        for id in streams {
            let opener = chaos.opener(of: id)
            let taken = chaos.shuttle.ends[1 - opener].taken[id]
            let processed = chaos.shuttle.ends[opener].processed[id]?.last
            #expect(processed == (chaos.calls.contains(id) ? nil : taken), "seed \(seed), \(id)")
            if let moved = chaos.shuttle.ends[opener].moved[id] {
                #expect(moved.processed == taken ?? 0)
            }
            #expect(chaos.shuttle.ends[1 - opener].processed[id] == nil)
        }
    }

    /// In the end the opener of a session has what was noted last on its socket, and has never had
    /// anything older behind it.
    private func checkAttachments(of streams: [StreamID], in chaos: LaneChaos, _ seed: UInt64) {
        for id in streams {
            let seen = chaos.shuttle.ends[chaos.opener(of: id)].attachments[id] ?? []
            #expect(seen.last == chaos.attachments[id].map { .some($0) }, "seed \(seed), \(id)")
            let serials = seen.compactMap { $0.map(LaneChaos.serial) }
            #expect(zip(serials, serials.dropFirst()).allSatisfy(<))
        }
    }

    @Test func `light traffic shares its multicasts, across resumptions`() throws {
        var multicasts: UInt64 = 0
        var resumptions: UInt64 = 0
        for seed in 1...10 as ClosedRange<UInt64> {
            var chaos = LaneChaos(seed: seed, profile: .light)
            try chaos.run(steps: 300)
            for end in chaos.shuttle.ends {
                multicasts += end.machine.counters.multicastsReceived
                resumptions += end.machine.counters.resumptions
            }
        }
        #expect(multicasts > 100)
        #expect(resumptions > 30)
    }

    @Test(arguments: LaneChaos.Profile.allCases)
    func `one seed gives one run`(profile: LaneChaos.Profile) throws {
        var traces: [[LaneMachine.Event]] = []
        for _ in 0..<2 {
            var chaos = LaneChaos(seed: 77, profile: profile)
            try chaos.run(steps: 200)
            traces.append(chaos.shuttle.ends.flatMap(\.events))
        }
        #expect(traces[0] == traces[1])
    }
}
