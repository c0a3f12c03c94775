import Primitives
import Testing

@testable import Cluster

@Suite struct ClockWatchTests {
    private let peer = NodeID("peer")

    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    /// Whether the second of two heartbeats tells of a jump: this node's clock and the peer's, in
    /// milliseconds.
    private func jumps(
        _ first: (own: Int64, peer: Int64),
        _ second: (own: Int64, peer: Int64),
        roundTrip: Duration = .milliseconds(1),
        excess: UInt64 = 0
    ) throws -> Bool {
        let peer = try #require(peer)
        var watch = ClockWatch()
        let isFirst = watch.hear(
            peer,
            clock: UInt64(first.peer) * 1_000_000,
            roundTrip: .milliseconds(1),
            now: at(first.own)
        )
        #expect(isFirst == .nothing, "there is nothing to compare the first one with")
        return watch.hear(
            peer,
            clock: UInt64(second.peer) * 1_000_000 + excess,
            roundTrip: roundTrip,
            now: at(second.own)
        ) == .jumped
    }

    @Test func `a peer that goes ahead by more than the limit has seen this clock stand still`()
        throws
    {
        let atLimit = try jumps((1_000, 5_000), (2_000, 6_200))
        let past = try jumps((1_000, 5_000), (2_000, 6_200), excess: 1)
        #expect(!atLimit)
        #expect(past)
    }

    @Test func `a peer that falls back stood still itself`() throws {
        let isJump = try jumps((1_000, 5_000), (9_000, 6_000))
        #expect(!isJump)
    }

    @Test func `an answer that took long says nothing`() throws {
        let atLimit = try jumps((1_000, 5_000), (2_000, 9_000), roundTrip: ClockWatch.roundTripMax)
        let past = try jumps(
            (1_000, 5_000),
            (2_000, 9_000),
            roundTrip: ClockWatch.roundTripMax + .nanoseconds(1)
        )
        #expect(atLimit)
        #expect(!past)
    }

    /// What each of these shows: this node's clock and the peer's, in milliseconds, in the answer to a
    /// heartbeat or in one of the peer's.
    private func told(
        _ heard: [(own: Int64, peer: Int64, isAnswer: Bool)]
    ) throws
        -> [ClockWatch.Finding]
    {
        let peer = try #require(peer)
        var watch = ClockWatch()
        return heard.map {
            watch.hear(
                peer,
                clock: UInt64($0.peer) * 1_000_000,
                roundTrip: $0.isAnswer ? .milliseconds(1) : nil,
                now: at($0.own)
            )
        }
    }

    @Test func `a jump is told once`() throws {
        let told = try told([
            (0, 0, true), (1_000, 2_000, true), (2_000, 3_000, true), (3_000, 4_000, true),
        ])
        #expect(told == [.nothing, .jumped, .nothing, .nothing])
    }

    @Test func `a heartbeat of the peer shows a jump too, and once`() throws {
        // The peer's clock is ahead by 5 s when it answers, and by 200 ms more at the limit.
        let told = try told([
            (1_000, 6_000, true), (2_000, 7_200, false), (3_000, 8_201, false),
            (4_000, 9_401, false), (5_000, 10_201, true), (5_500, 10_902, false),
        ])
        #expect(told == [.nothing, .nothing, .jumped, .nothing, .nothing, .jumped])
    }

    @Test func `a heartbeat that was long on its way says nothing`() throws {
        let told = try told([
            (1_000, 6_000, true), (4_000, 7_000, false), (4_100, 9_100, false),
        ])
        #expect(told == [.nothing, .nothing, .nothing])
    }

    @Test func `a heartbeat is compared with an answer of the last 5 s`() throws {
        let atLimit = try told([(1_000, 6_000, true), (6_000, 11_201, false)])
        let past = try told([(1_000, 6_000, true), (6_001, 11_202, false)])
        #expect(atLimit == [.nothing, .jumped])
        #expect(past == [.nothing, .nothing])
    }

    @Test func `a peer whose link fell is compared anew`() throws {
        let peer = try #require(peer)
        var watch = ClockWatch()
        _ = watch.hear(peer, clock: 0, roundTrip: .zero, now: at(0))
        watch.forget(peer)
        let isJump = watch.hear(peer, clock: 9_000_000_000, roundTrip: .zero, now: at(1))
        #expect(isJump == .nothing)
    }

    @Test(arguments: [UInt64.max, UInt64(Int64.max), UInt64(Int64.max) + 1])
    func `a clock that is no clock is neither a crash nor a jump`(clock: UInt64) throws {
        let peer = try #require(peer)
        var watch = ClockWatch()
        for own in [Int64.min, -1, 0, Int64.max] {
            let now = Instant(nanoseconds: own)
            _ = watch.hear(peer, clock: 0, roundTrip: .zero, now: now)
            _ = watch.hear(peer, clock: clock, roundTrip: .zero, now: now)
        }
        watch.forget(peer)
        let isJump = watch.hear(peer, clock: clock, roundTrip: .zero, now: .zero)
        #expect(isJump == .nothing)
    }

    /// What the last heartbeats tell when the peers' clocks run at these rates, in thousandths of
    /// this node's, for so many seconds.
    private func drift(_ rates: [Int64], seconds: Int64) throws -> [ClockWatch.Finding] {
        var watch = ClockWatch()
        var last: [ClockWatch.Finding] = []
        for second in 0...seconds {
            last = try rates.enumerated().map { index, rate in
                watch.hear(
                    try #require(NodeID("peer-\(index)")),
                    clock: UInt64(second * (1_000 + rate) * 1_000_000),
                    roundTrip: .milliseconds(1),
                    now: at(second * 1_000)
                )
            }
        }
        return last
    }

    static let drifts: [([Int64], ClockWatch.Finding)] = [
        ([0, 0, 0], .nothing), ([4, 4, 4], .nothing), ([5, 5, 5], .drifts(perMille: 5)),
        ([-20, -20, -20], .drifts(perMille: 20)), ([100, 0, 0], .nothing),
        ([30, 30, 0], .drifts(perMille: 30)),
    ]

    @Test(arguments: drifts)
    func `the clock of this node is wrong when most peers run at another rate`(
        _ rates: [Int64],
        _ finding: ClockWatch.Finding
    ) throws {
        #expect(try drift(rates, seconds: 59).allSatisfy { $0 == .nothing })
        #expect(try drift(rates, seconds: 60).last == finding)
    }
}
