import Primitives
import Testing

@testable import Wire

@Suite struct LaneTimerTests {
    private func milliseconds(_ count: Int64) -> Instant {
        Instant(nanoseconds: count * 1_000_000)
    }

    /// A machine whose RESUME has been written at the instant zero.
    private func machine() -> LaneMachine {
        var machine = LaneMachine(isLowerID: true)
        machine.connected(now: .zero)
        var output = ByteWriter()
        var events: [LaneMachine.Event] = []
        machine.writeOutput(into: &output, limit: 1_000, now: .zero, events: &events)
        return machine
    }

    @Test func `without a connection there is no deadline`() {
        var machine = LaneMachine(isLowerID: true)
        var events: [LaneMachine.Event] = []
        #expect(machine.timerFired(now: .zero, events: &events) == nil)
        #expect(events == [])
    }

    @Test func `a heartbeat goes out after 250 ms without a word, and not before`() {
        var machine = machine()
        var events: [LaneMachine.Event] = []
        let early = machine.timerFired(now: milliseconds(249), events: &events)
        #expect(early == milliseconds(250))
        #expect(!machine.hasOutput)
        let due = machine.timerFired(now: milliseconds(250), events: &events)
        #expect(due == milliseconds(1_500))
        #expect(machine.hasOutput)
        #expect(events == [])
    }

    @Test func `a data lane pings in each third of the silence, or less often if told`() {
        var settings = LinkSettings()
        #expect(settings.on(lane: 0) == settings)
        #expect(settings.on(lane: 1).heartbeatInterval == .milliseconds(500))
        settings.heartbeatInterval = .milliseconds(750)
        #expect(settings.on(lane: 8).heartbeatInterval == .milliseconds(750))
    }

    @Test func `a heartbeat that is due soon goes with another one, and no earlier`() {
        var machine = machine()
        machine.hastenHeartbeat(now: milliseconds(187))
        #expect(!machine.isHeartbeatDue)
        machine.hastenHeartbeat(now: milliseconds(188))
        #expect(machine.isHeartbeatDue)
        machine.disconnected()
        machine.hastenHeartbeat(now: milliseconds(400))
        #expect(!machine.hasOutput)
    }

    /// What the ends of a lane at rest have heard of each other in 10 s, and how often they have
    /// written, when each fires its timer within a millisecond of its deadline and a frame takes up to
    /// `delay` milliseconds.
    private func rest(delay: Int64) throws -> (ends: [LaneEnd], writes: Int) {
        var shuttle = try connectedShuttle()
        for index in 0...1 { shuttle.ends[index].events = [] }
        var writes = 0
        for millisecond in 0..<10_000 {
            shuttle.now = shuttle.now.advanced(by: .milliseconds(1))
            shuttle.fireTimers()
            for index in 0...1 where shuttle.ends[index].machine.hasOutput {
                shuttle.write(index)
                writes += 1
            }
            guard Int64(millisecond) % delay == 0 else { continue }
            for index in 0...1 { try shuttle.read(index) }
        }
        return (shuttle.ends, writes)
    }

    @Test(arguments: [1, 30] as [Int64])
    func `peers ping in turn, and an answer is a sign of life`(delay: Int64) throws {
        let (ends, writes) = try rest(delay: delay)
        // In each of 40 intervals a ping and its answer; the first ones cross.
        #expect(writes <= 2 * 40 + 4)
        for end in ends {
            let pings = end.events.count { if case .ping = $0 { true } else { false } }
            let pongs = end.events.count { if case .pong = $0 { true } else { false } }
            #expect(pings >= 16)
            #expect(pongs >= 16)
        }
    }

    @Test func `whose turn it is not pings a quarter later, if the peer is busy with other things`()
    {
        var machine = machine()
        machine.turn = .peers
        var events: [LaneMachine.Event] = []
        machine.hastenHeartbeat(now: milliseconds(312))
        #expect(!machine.isHeartbeatDue)
        _ = machine.timerFired(now: milliseconds(312), events: &events)
        #expect(!machine.isHeartbeatDue)
        _ = machine.timerFired(now: .zero.advanced(by: .microseconds(312_500)), events: &events)
        #expect(machine.isHeartbeatDue)
    }

    @Test func `of two who ping at once the higher id has the next turn`() throws {
        var shuttle = try connectedShuttle()
        shuttle.now = shuttle.now.advanced(by: .milliseconds(250))
        shuttle.fireTimers()
        for index in 0...1 { shuttle.write(index) }
        try shuttle.settle()
        #expect(shuttle.ends.map(\.machine.turn) == [.peers, .own])
    }

    @Test func `silence is told once, after 1.5 s`() {
        var machine = machine()
        var events: [LaneMachine.Event] = []
        _ = machine.timerFired(now: milliseconds(1_499), events: &events)
        #expect(events == [])
        #expect(machine.timerFired(now: milliseconds(1_500), events: &events) == .distantFuture)
        _ = machine.timerFired(now: milliseconds(9_000), events: &events)
        #expect(events == [.silent])
        machine.connected(now: milliseconds(9_000))
        #expect(
            machine.timerFired(now: milliseconds(9_001), events: &events) == milliseconds(9_250)
        )
    }

    @Test func `idle peers hear of each other and measure the way`() throws {
        var shuttle = try connectedShuttle()
        for _ in 0..<100 {
            shuttle.now = shuttle.now.advanced(by: .milliseconds(100))
            shuttle.fireTimers()
            for index in 0...1 { shuttle.write(index) }
            shuttle.now = shuttle.now.advanced(by: .milliseconds(1))
            for index in 0...1 { try shuttle.read(index) }
        }
        for end in shuttle.ends {
            #expect(!end.events.contains(.silent))
            #expect(end.events.count > 20)
        }
    }

    @Test func `acknowledgements wait 25 ms for company`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for byte in 0..<10 as Range<UInt8> {
            _ = shuttle.ends[0].machine.send(id, payload: [byte], isBinary: true)
            shuttle.write(0)
            try shuttle.read(1)
            #expect(!shuttle.ends[1].machine.hasOutput)
        }
        shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
        shuttle.fireTimers()
        let frames = shuttle.ends[1].machine.counters.framesSent
        shuttle.write(1)
        #expect(shuttle.ends[1].machine.counters.framesSent == frames + 1)
    }

    @Test func `there is no deadline for acknowledgements that have gone with credit`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        let payload = [UInt8](repeating: 0, count: 200_000)
        _ = shuttle.ends[0].machine.send(id, payload: payload, isBinary: true)
        shuttle.write(0)
        try shuttle.read(1)
        shuttle.ends[1].consume(1)
        shuttle.write(1)
        shuttle.now = shuttle.now.advanced(by: .milliseconds(100))
        var events: [LaneMachine.Event] = []
        let deadline = shuttle.ends[1].machine.timerFired(now: shuttle.now, events: &events)
        #expect(deadline == shuttle.now.advanced(by: .milliseconds(150)))
    }

    @Test func `a stream without credit for 30 s is reset on both sides`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        let payload = [UInt8](repeating: 0, count: 200_000)
        for _ in 0..<2 { _ = shuttle.ends[0].machine.send(id, payload: payload, isBinary: true) }
        for index in 0...1 { shuttle.ends[index].events = [] }
        shuttle.write(0)
        try shuttle.read(1)
        let stalledAt = shuttle.now
        try shuttle.settle(consuming: false)
        shuttle.now = stalledAt.advanced(by: .milliseconds(29_999))
        shuttle.fireTimers()
        #expect(shuttle.ends[0].machine.streamCount == 1)
        shuttle.now = stalledAt.advanced(by: .seconds(30))
        shuttle.fireTimers()
        #expect(shuttle.ends[0].events.contains(.reset(id, code: 1013)))
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[1].events.contains(.reset(id, code: 1013)))
        #expect(shuttle.ends.allSatisfy { $0.machine.streamCount == 0 })
        #expect(shuttle.ends[0].machine.counters.streamsStalled == 1)
    }
}
