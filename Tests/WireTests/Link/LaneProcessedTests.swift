import Primitives
import Testing

@testable import Wire

/// How the opener of a session learns what the object's side has taken.
@Suite struct LaneProcessedTests {
    private func send(_ count: Int, on id: StreamID, _ shuttle: inout LaneShuttle) throws {
        for _ in 0..<count {
            #expect(shuttle.ends[0].machine.send(id, payload: [7], isBinary: true) == .accepted)
        }
        shuttle.write(0)
        try shuttle.read(1)
    }

    private func moved(_ processed: UInt64, isInterrupted: Bool = false) -> LinkMoved {
        LinkMoved(epoch: Epoch(8), owner: nil, processed: processed, isInterrupted: isInterrupted)
    }

    private func move(_ machine: inout LaneMachine, _ id: StreamID, _ moved: LinkMoved) {
        machine.moved(
            id,
            epoch: moved.epoch,
            owner: moved.owner,
            processed: moved.processed,
            isInterrupted: moved.isInterrupted
        )
    }

    @Test func `the opener of a session learns what was taken, and nobody else does`() throws {
        for kind in [LinkStreamKind.session, .call, .records] {
            var shuttle = try connectedShuttle()
            let id = try shuttle.ends[0].machine.open(kind, head: [], partition: 0, epoch: 0)
            for index in 0...1 {
                try shuttle.settle()
                for _ in 0..<3 {
                    _ = shuttle.ends[index].machine.send(id, payload: [1], isBinary: true)
                }
            }
            try shuttle.settle()
            #expect(shuttle.ends[0].processed[id] == (kind == .session ? [3] : nil))
            #expect(shuttle.ends[1].processed[id] == nil)
            #expect(shuttle.ends[0].received[id]?.count == 3)
        }
    }

    @Test func `what was taken is told with the acknowledgements, each time it has grown`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        try send(5, on: id, &shuttle)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed[id] == nil)
        for count in [2, 0, 3] {
            shuttle.ends[1].consume(count)
            #expect(!shuttle.ends[1].machine.hasOutput)
            try shuttle.settle(consuming: false)
        }
        #expect(shuttle.ends[0].processed[id] == [2, 5])
    }

    @Test func `it is told at once with the credit of half a window`() throws {
        var settings = LinkSettings()
        settings.windowBytes = 4_096
        var shuttle = try connectedShuttle(settings)
        let id = try shuttle.establish()
        let payload = [UInt8](repeating: 1, count: 1_008)
        for _ in 0..<2 { _ = shuttle.ends[0].machine.send(id, payload: payload, isBinary: true) }
        shuttle.write(0)
        try shuttle.read(1)
        shuttle.ends[1].consume(1)
        #expect(!shuttle.ends[1].machine.hasOutput)
        shuttle.ends[1].consume(1)
        shuttle.write(1)
        try shuttle.read(0)
        #expect(shuttle.ends[0].processed[id] == [2])
    }

    @Test func `only whole messages count, and never more than have come`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        shuttle.ends[1].machine.consumed(id, bytes: 9, messages: 9)
        try send(3, on: id, &shuttle)
        shuttle.ends[1].machine.consumed(id, bytes: 1, messages: 0)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed[id] == nil)
        shuttle.ends[1].machine.consumed(id, bytes: 0)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed[id] == [1])
        for _ in 0..<9 { shuttle.ends[1].machine.consumed(id, bytes: 1_000) }
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed[id] == [1, 3])
        // The messages that come later are not taken yet, and the credit is whole.
        try send(1, on: id, &shuttle)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed[id] == [1, 3])
        let slot = try #require(shuttle.ends[1].machine.streams.slot(of: id))
        #expect(shuttle.ends[1].machine.streams[slot].inbox.available == (256 << 10) - 17)
    }

    @Test func `messages of a multicast count on each stream`() throws {
        var shuttle = try connectedShuttle()
        let ids = [try shuttle.establish(), try shuttle.establish()]
        for _ in 0..<2 { _ = shuttle.ends[0].machine.multicast(ids, payload: [1], isBinary: true) }
        try shuttle.settle(consuming: false)
        shuttle.ends[1].consume(3)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed == [ids[0]: [2], ids[1]: [1]])
    }

    @Test func `it is told before the stream is closed or moved, without what was thrown away`()
        throws
    {
        for isMove in [false, true] {
            var shuttle = try connectedShuttle()
            let id = try shuttle.establish()
            try send(5, on: id, &shuttle)
            shuttle.ends[0].events = []
            shuttle.ends[1].consume(2)
            let end: LaneMachine.Event
            if isMove {
                // What the object says is its own count, not that of the lane.
                move(&shuttle.ends[1].machine, id, moved(1, isInterrupted: true))
                end = .moved(id, moved(1, isInterrupted: true))
            } else {
                shuttle.ends[1].machine.close(id, code: 1000)
                end = .closed(id, code: 1000, reason: "")
            }
            shuttle.ends[1].machine.consumed(id, bytes: 1)
            try send(1, on: id, &shuttle)
            shuttle.write(1)
            try shuttle.read(0)
            #expect(shuttle.ends[0].events == [.processed(id, through: 2), end])
        }
    }

    @Test func `a side that has ended its session hears no more of it`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        try send(1, on: id, &shuttle)
        shuttle.ends[1].consume(1)
        shuttle.ends[0].machine.close(id, code: 1000)
        shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
        shuttle.fireTimers()
        shuttle.write(1)
        try shuttle.read(0)
        #expect(shuttle.ends[0].processed[id] == nil)
        try shuttle.settle()
        try shuttle.letHeartbeatsGo()
        #expect(shuttle.ends.allSatisfy { $0.machine.streamCount == 0 })
    }

    @Test func `a count that was lost with its connection is known after the next RESUME`() throws {
        var shuttle = try connectedShuttle()
        let ids = try (0..<3).map { _ in try shuttle.establish() }
        for id in ids { try send(2, on: id, &shuttle) }
        shuttle.ends[1].consume(.max)
        move(&shuttle.ends[1].machine, ids[2], moved(2))
        shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
        shuttle.fireTimers()
        shuttle.write(1)
        shuttle.ends[0].events = []
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        let processed = ids.map { LaneMachine.Event.processed($0, through: 2) }
        let rest = [LaneMachine.Event.resumed(streams: 3), .moved(ids[2], moved(2))]
        #expect(shuttle.ends[0].events == processed + rest)
        // Nothing has grown, so the next connection says nothing of it.
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[0].processed == [ids[0]: [2], ids[1]: [2], ids[2]: [2]])
    }

    @Test func `RESUME has told it, so that no ACK need follow`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        try send(2, on: id, &shuttle)
        shuttle.ends[1].consume(1)
        shuttle.connect()
        for index in 0...1 { shuttle.write(index) }
        for index in 0...1 { try shuttle.read(index) }
        #expect(shuttle.ends[0].processed[id] == [1])
        for _ in 0..<2 {
            shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
            shuttle.fireTimers()
        }
        #expect(!shuttle.ends[1].machine.hasOutput)
        shuttle.ends[1].machine.close(id, code: 1000)
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming == bytes(hex: "13 10 0007 00000002 00000001 00000009 03E8")
        )
    }

    @Test func `where nobody counts, taking a message owes no more than its credit`() throws {
        var shuttle = try connectedShuttle()
        let session = try shuttle.establish(from: 1)
        let call = try shuttle.ends[0].machine.open(.call, head: [], partition: 0, epoch: 0)
        for id in [session, call] { try send(1, on: id, &shuttle) }
        try shuttle.settle(consuming: false)
        shuttle.ends[1].consume(.max)
        for _ in 0..<2 {
            shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
            shuttle.fireTimers()
        }
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming
                == bytes(hex: "15 00 0000 00000010 00000000 00000000")
                + bytes(hex: "00000002 00000011 00000001 00000011")
        )
    }

    @Test(arguments: [(4_096, 1), (4_097, 2)])
    func `an ACK has room for 4,096 streams`(count: Int, frames: UInt64) throws {
        var shuttle = LaneShuttle()
        let ids = try (0..<count).map { _ in
            try shuttle.ends[0].machine.open(.session, head: [], partition: 0, epoch: 0)
        }
        shuttle.connect()
        _ = shuttle.ends[0].machine.multicast(ids, payload: [1], isBinary: true)
        try shuttle.settle(consuming: false)
        shuttle.ends[1].consume(.max)
        let before = shuttle.ends[1].machine.counters.framesSent
        shuttle.now = shuttle.now.advanced(by: .milliseconds(30))
        shuttle.fireTimers()
        shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
        shuttle.fireTimers()
        shuttle.write(1)
        // As many CREDIT as ACK.
        #expect(shuttle.ends[1].machine.counters.framesSent == before + 2 * frames)
        try shuttle.settle()
        #expect(ids.allSatisfy { shuttle.ends[0].processed[$0] == [1] })
    }

    @Test func `counts that fall, or of messages that were not sent, are refused`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        try send(3, on: id, &shuttle)
        shuttle.ends[1].consume(2)
        try shuttle.settle(consuming: false)
        #expect(shuttle.ends[0].processed[id] == [2])
        // One more is written, and another waits behind for credit.
        try send(1, on: id, &shuttle)
        let large = [UInt8](repeating: 0, count: 256 << 10)
        _ = shuttle.ends[0].machine.send(id, payload: large, isBinary: true)
        shuttle.write(0)

        func error(_ hex: String) -> LinkError? {
            var machine = shuttle.ends[0].machine
            var events: [LaneMachine.Event] = []
            do throws(LinkError) {
                try machine.receive(bytes(hex: hex).span, now: shuttle.now, events: &events)
                return nil
            } catch {
                return error
            }
        }
        let ack = "1600 0000 00000010 00000000 00000000 00000001 000000000000000"
        #expect(error(ack + "4 00000001") == nil)
        #expect(error(ack + "4 00000002") == .badCount(id, count: 2))
        #expect(error(ack + "5 00000002") == nil)
        #expect(error(ack + "5 00000003") == .badCount(id, count: 3))
        #expect(error(ack + "5 FFFFFFFF") == .badCount(id, count: 0xFFFF_FFFF))
        #expect(error(ack + "6 00000000") == .badCount(id, count: 6))
        let moved = "1810 0000 00000012 00000001 00000000 0000000000000008 000000000000000"
        #expect(error(moved + "4 00 00") == nil)
        #expect(error(moved + "5 00 00") == .badCount(id, count: 5))
    }
}
