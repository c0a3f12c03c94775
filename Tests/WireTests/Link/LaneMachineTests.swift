import Primitives
import Testing

@testable import Wire

@Suite struct LaneMachineTests {
    @Test func `a stream is opened, answered, used and closed`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.ends[1].machine.open(
            .session,
            head: [1, 2],
            partition: 3,
            epoch: 4
        )
        #expect(id == StreamID(2))
        try shuttle.settle()
        #expect(shuttle.ends[0].machine.answer(id, head: [5]) == .accepted)
        #expect(shuttle.ends[0].machine.answer(id, head: [5]) == .unknownStream)
        _ = shuttle.ends[0].machine.send(id, payload: [6], isBinary: false)
        _ = shuttle.ends[1].machine.send(id, payload: [], isBinary: true)
        try shuttle.settle()
        shuttle.ends[0].machine.close(id, code: 1000, reason: "done")
        #expect(shuttle.ends[0].machine.send(id, payload: [], isBinary: true) == .unknownStream)
        try shuttle.settle()
        #expect(
            shuttle.ends[0].events == [
                .opened(id, kind: .session, head: [1, 2], partition: 3, epoch: 4),
                .message(id, payload: [], isBinary: true),
            ]
        )
        #expect(
            shuttle.ends[1].events == [
                .answered(id, head: [5]),
                .message(id, payload: [6], isBinary: false),
                .processed(id, through: 1),
                .closed(id, code: 1000, reason: "done"),
            ]
        )
        try shuttle.letHeartbeatsGo()
        #expect(shuttle.ends.allSatisfy { $0.machine.streamCount == 0 })
    }

    @Test func `the lower id opens odd streams and the other even ones`() throws {
        var shuttle = try connectedShuttle()
        let ids = try [0, 1, 0, 1].map { index in
            try shuttle.ends[index].machine.open(.call, head: [], partition: 0, epoch: 0)
        }
        #expect(ids == [StreamID(1), StreamID(2), StreamID(3), StreamID(4)])
    }

    @Test func `a name that lives elsewhere ends the stream with its owner`() throws {
        for owner in [NodeID("c"), nil] {
            var shuttle = try connectedShuttle()
            let id = try shuttle.ends[0].machine.open(.call, head: [], partition: 0, epoch: 0)
            try shuttle.settle()
            shuttle.ends[1].machine.moved(
                id,
                epoch: Epoch(8),
                owner: owner,
                processed: 0,
                isInterrupted: false
            )
            try shuttle.settle()
            let moved = LinkMoved(
                epoch: Epoch(8),
                owner: owner,
                processed: 0,
                isInterrupted: false
            )
            #expect(shuttle.ends[0].events == [.moved(id, moved)])
            try shuttle.letHeartbeatsGo()
            #expect(shuttle.ends.allSatisfy { $0.machine.streamCount == 0 })
        }
    }

    /// The ends of a lane on which one has ended so many streams, and the other has read that.
    private func ended(_ count: Int) throws -> LaneShuttle {
        var shuttle = try connectedShuttle()
        let ids = try (0..<count).map { _ in try shuttle.establish() }
        for id in ids { shuttle.ends[0].machine.close(id, code: 1000) }
        shuttle.write(0)
        try shuttle.read(1)
        return shuttle
    }

    @Test func `that an ended stream is gone here too waits for other output`() throws {
        var shuttle = try ended(1)
        #expect(!shuttle.ends[1].machine.hasOutput)
        #expect(shuttle.ends.map(\.machine.streamCount) == [1, 0])
        try shuttle.ends[1].machine.sendControl(.gossip, payload: [4])
        shuttle.write(1)
        try shuttle.read(0)
        #expect(shuttle.ends[0].machine.streamCount == 0)
    }

    @Test func `not more than 64 ended streams wait for other output`() throws {
        let atLimit = try ended(LaneMachine.restingResetsMax - 1)
        #expect(!atLimit.ends[1].machine.hasOutput)
        var past = try ended(LaneMachine.restingResetsMax)
        #expect(past.ends[1].machine.hasOutput)
        past.write(1)
        try past.read(0)
        #expect(past.ends[0].machine.streamCount == 0)
        #expect(!past.ends[1].machine.hasOutput)
    }

    @Test func `the end of a stream with half a message on its way is answered at once`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        let large = [UInt8](repeating: 0, count: 1 << 20)
        _ = shuttle.ends[1].machine.send(id, payload: large, isBinary: true)
        shuttle.write(1, limit: 100_000)
        try shuttle.read(0)
        shuttle.ends[0].machine.close(id, code: 1000)
        shuttle.write(0)
        try shuttle.read(1)
        #expect(shuttle.ends[1].machine.streamCount == 0)
        #expect(shuttle.ends[1].machine.hasOutput)
        shuttle.write(1)
        try shuttle.read(0)
        #expect(shuttle.ends[0].machine.streamCount == 0)
        #expect(shuttle.ends[0].machine.poolUsed == 0)
    }

    @Test func `who has ended a stream acknowledges nothing of it any more`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        _ = shuttle.ends[1].machine.send(id, payload: [1], isBinary: true)
        shuttle.write(1)
        try shuttle.read(0)
        shuttle.ends[0].machine.close(id, code: 1000)
        shuttle.write(0)
        shuttle.now = shuttle.now.advanced(by: .milliseconds(25))
        shuttle.fireTimers()
        #expect(!shuttle.ends[0].machine.hasOutput)
    }

    @Test func `a reset ends a stream at once`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        _ = shuttle.ends[0].machine.send(id, payload: [1], isBinary: true)
        shuttle.ends[0].machine.reset(id, code: 1013)
        shuttle.ends[0].events = []
        shuttle.ends[1].events = []
        try shuttle.settle()
        #expect(shuttle.ends[1].events == [.reset(id, code: 1013)])
        #expect(shuttle.ends[0].events == [])
        #expect(shuttle.ends.allSatisfy { $0.machine.streamCount == 0 })
    }

    @Test func `closes that cross end the stream on both sides without a word`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for index in 0...1 {
            shuttle.ends[index].events = []
            shuttle.ends[index].machine.close(id, code: 1000)
        }
        try shuttle.settle()
        for end in shuttle.ends {
            #expect(end.events == [])
            #expect(end.machine.streamCount == 0)
        }
    }

    @Test func `a finished direction leaves the other open until the peer closes`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for index in 0...1 { shuttle.ends[index].events = [] }
        _ = shuttle.ends[0].machine.send(id, payload: [1], isBinary: true)
        shuttle.ends[0].machine.finish(id, code: 1001, reason: "bye")
        shuttle.ends[0].machine.finish(id, code: 1000)
        #expect(shuttle.ends[0].machine.send(id, payload: [2], isBinary: true) == .unknownStream)
        #expect(shuttle.ends[0].machine.multicast([id], payload: [2], isBinary: true) == [])
        shuttle.connect()
        try shuttle.settle()
        _ = shuttle.ends[1].machine.send(id, payload: [3], isBinary: true)
        shuttle.ends[1].machine.close(id, code: 1000)
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events == [
                .resumed(streams: 1), .message(id, payload: [1], isBinary: true),
                .finished(id, code: 1001, reason: "bye"),
            ]
        )
        #expect(
            shuttle.ends[0].events == [
                .resumed(streams: 1), .processed(id, through: 1),
                .message(id, payload: [3], isBinary: true), .closed(id, code: 1000, reason: ""),
            ]
        )
        try shuttle.letHeartbeatsGo()
        #expect(shuttle.ends.allSatisfy { $0.machine.streamCount == 0 })
    }

    @Test func `a reason is cut at 123 bytes in whole characters`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        shuttle.ends[1].events = []
        let reason = String(repeating: "\u{E9}", count: 62)
        shuttle.ends[0].machine.close(id, code: 1000, reason: reason)
        try shuttle.settle()
        let cut = String(repeating: "\u{E9}", count: 61)
        #expect(shuttle.ends[1].events == [.closed(id, code: 1000, reason: cut)])
    }

    @Test func `many streams take turns`() throws {
        var shuttle = try connectedShuttle()
        let bulk = try shuttle.establish()
        let small = try shuttle.establish()
        let large = [UInt8](repeating: 1, count: 200_000)
        _ = shuttle.ends[0].machine.send(bulk, payload: large, isBinary: true)
        _ = shuttle.ends[0].machine.send(small, payload: [7], isBinary: true)
        shuttle.write(0, limit: 70_000)
        try shuttle.read(1)
        #expect(shuttle.ends[1].received[small] == [[7]])
        #expect(shuttle.ends[1].received[bulk] == nil)
    }

    @Test func `a message of 32 MiB passes while small ones go by`() throws {
        var shuttle = try connectedShuttle()
        let bulk = try shuttle.establish()
        let small = try shuttle.establish()
        let large = [UInt8](repeating: 9, count: 32 << 20)
        #expect(shuttle.ends[0].machine.send(bulk, payload: large, isBinary: true) == .accepted)
        var sent = 0
        while shuttle.ends[1].received[bulk] == nil, sent < 200 {
            _ = shuttle.ends[0].machine.send(small, payload: [UInt8(sent)], isBinary: true)
            sent += 1
            shuttle.write(0, limit: 256 << 10)
            try shuttle.read(1)
            #expect(shuttle.ends[1].received[small]?.count == sent)
            shuttle.write(1)
            try shuttle.read(0)
        }
        #expect(shuttle.ends[1].received[bulk] == [large])
        #expect(sent > 100)
        #expect(shuttle.ends[1].machine.poolUsed == (32 << 20) + 16 - (256 << 10))
        shuttle.ends[1].consume(.max)
        #expect(shuttle.ends[1].machine.poolUsed == 0)
        let tooLarge = [UInt8](repeating: 0, count: 32 << 20 + 1)
        #expect(shuttle.ends[0].machine.send(bulk, payload: tooLarge, isBinary: true) == .tooLarge)
    }

    @Test func `large messages wait for room, first come first served`() throws {
        var settings = LinkSettings()
        settings.largeMessagePoolBytes = 0  // Raised to one message of 32 MiB.
        var shuttle = try connectedShuttle(settings)
        let ids = try (0..<3).map { _ in try shuttle.establish() }
        let large = [UInt8](repeating: 1, count: 20 << 20)
        for id in ids { _ = shuttle.ends[0].machine.send(id, payload: large, isBinary: true) }
        for rounds in 1...3 {
            try shuttle.settle(consuming: false)
            let arrived = ids.filter { shuttle.ends[1].received[$0] != nil }
            #expect(arrived == Array(ids.prefix(rounds)))
            #expect(shuttle.ends[1].machine.poolUsed <= 32 << 20)
            shuttle.ends[1].consume(.max)
        }
        #expect(shuttle.ends[1].machine.poolUsed == 0)
    }

    @Test func `a stream that nobody reads does not hold up another`() throws {
        var shuttle = try connectedShuttle()
        let slow = try shuttle.establish()
        let quick = try shuttle.establish()
        let payload = [UInt8](repeating: 1, count: 10_000)
        for _ in 0..<50 {
            _ = shuttle.ends[0].machine.send(slow, payload: payload, isBinary: true)
            _ = shuttle.ends[0].machine.send(quick, payload: payload, isBinary: true)
            shuttle.write(0)
            try shuttle.read(1)
            while let index = shuttle.ends[1].unconsumed.firstIndex(where: { $0.stream == quick }) {
                shuttle.ends[1].machine.consumed(quick, bytes: 10_000)
                shuttle.ends[1].unconsumed.remove(at: index)
            }
            shuttle.write(1)
            try shuttle.read(0)
        }
        #expect(shuttle.ends[1].received[quick]?.count == 50)
        #expect(shuttle.ends[1].received[slow]?.count == 262_144 / 10_016)
        #expect(shuttle.ends[0].machine.queuedBytes(of: slow) == (50 - 26) * 10_016)
        #expect(shuttle.ends[0].machine.queuedBytes(of: quick) == 0)
    }

    @Test func `memory for sending again is given up when the peer has the message`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        for _ in 0..<1_000 {
            _ = shuttle.ends[0].machine.send(id, payload: [1], isBinary: true)
        }
        try shuttle.settle(consuming: false)
        let slot = try #require(shuttle.ends[0].machine.streams.slot(of: id))
        #expect(shuttle.ends[0].machine.streams[slot].outbox.acknowledged == 1_001)
    }

    @Test func `credit that a half message waits for goes back at once`() throws {
        var settings = LinkSettings()
        settings.windowBytes = 4_096
        var shuttle = try connectedShuttle(settings)
        let id = try shuttle.establish()
        for count in [1_500, 3_000] {
            let payload = [UInt8](repeating: 1, count: count)
            _ = shuttle.ends[0].machine.send(id, payload: payload, isBinary: true)
        }
        shuttle.write(0)
        try shuttle.read(1)
        #expect(shuttle.ends[0].machine.queuedBytes(of: id) == 436)
        #expect(!shuttle.ends[1].machine.hasOutput)
        shuttle.ends[1].consume(1)
        #expect(shuttle.ends[1].machine.hasOutput)
        shuttle.write(1)
        try shuttle.read(0)
        shuttle.write(0)
        try shuttle.read(1)
        #expect(shuttle.ends[1].received[id]?.map(\.count) == [1_500, 3_000])
    }
}
