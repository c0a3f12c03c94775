import Primitives
import Testing

@testable import Wire

@Suite struct LaneResumeTests {
    private func open(_ shuttle: inout LaneShuttle, _ head: UInt8 = 0) throws -> StreamID {
        try shuttle.ends[0].machine.open(.session, head: [head], partition: 0, epoch: 0)
    }

    private func opened(_ id: StreamID, _ head: UInt8 = 0) -> LaneMachine.Event {
        .opened(id, kind: .session, head: [head], partition: 0, epoch: 0)
    }

    @Test func `streams opened without a connection are opened by the next one, in order`() throws {
        var shuttle = LaneShuttle()
        let ids = try [1, 2, 3].map { try open(&shuttle, $0) }
        for id in ids { _ = shuttle.ends[0].machine.send(id, payload: [4], isBinary: true) }
        #expect(!shuttle.ends[0].machine.hasOutput)
        shuttle.connect()
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events == [
                .resumed(streams: 0),
                opened(ids[0], 1), opened(ids[1], 2), opened(ids[2], 3),
                .message(ids[0], payload: [4], isBinary: true),
                .message(ids[1], payload: [4], isBinary: true),
                .message(ids[2], payload: [4], isBinary: true),
            ]
        )
    }

    @Test func `an OPEN that was lost is sent again, one that arrived is not`() throws {
        var shuttle = try connectedShuttle()
        let arrived = try open(&shuttle)
        shuttle.write(0)
        try shuttle.read(1)
        let lost = try open(&shuttle)
        shuttle.write(0)
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events == [opened(arrived), .resumed(streams: 1), opened(lost)]
        )
        #expect(shuttle.ends[0].events == [.resumed(streams: 2)])
    }

    @Test func `a stream that ended while its end was lost is not opened again`() throws {
        var shuttle = try connectedShuttle()
        let id = try open(&shuttle)
        shuttle.write(0)
        try shuttle.read(1)
        shuttle.ends[1].machine.reset(id, code: 1008)
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[0].events == [.reset(id, code: 1012), .resumed(streams: 0)])
        #expect(shuttle.ends[1].events == [opened(id), .resumed(streams: 0)])
    }

    @Test func `a close that was lost is sent again behind its messages`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        shuttle.ends[1].events = []
        _ = shuttle.ends[0].machine.send(id, payload: [1], isBinary: true)
        shuttle.ends[0].machine.close(id, code: 1000)
        shuttle.write(0)
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events == [
                .resumed(streams: 1), .message(id, payload: [1], isBinary: true),
                .closed(id, code: 1000, reason: ""),
            ]
        )
        try shuttle.letHeartbeatsGo()
        #expect(shuttle.ends.allSatisfy { $0.machine.streamCount == 0 })
    }

    @Test func `a close whose arrival was not told ends in silence`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        shuttle.ends[0].events = []
        shuttle.ends[0].machine.close(id, code: 1000)
        shuttle.write(0)
        try shuttle.read(1)
        #expect(shuttle.ends[0].machine.streamCount == 1)
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[0].events == [.resumed(streams: 0)])
        #expect(shuttle.ends[0].machine.streamCount == 0)
    }

    @Test func `a half message comes again from its beginning, once`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        let large = [UInt8](repeating: 7, count: 300_000)
        _ = shuttle.ends[0].machine.send(id, payload: large, isBinary: true)
        shuttle.write(0, limit: 150_000)
        try shuttle.read(1)
        #expect(shuttle.ends[1].machine.poolUsed > 0)
        shuttle.disconnect()
        #expect(shuttle.ends[1].machine.poolUsed == 0)
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[1].received[id] == [large])
        #expect(shuttle.ends[1].machine.poolUsed == 0)
    }

    @Test func `a peer with a new lane resets what it knew and gets what it did not`() throws {
        var shuttle = try connectedShuttle()
        let known = try shuttle.establish()
        let unknown = try open(&shuttle)
        let theirs = try shuttle.ends[1].machine.open(
            .session,
            head: [],
            partition: 0,
            epoch: 0
        )
        try shuttle.settle()
        let late = try open(&shuttle)
        shuttle.ends[0].events = []
        shuttle.ends[1] = LaneEnd(machine: LaneMachine(isLowerID: false))
        shuttle.connect()
        try shuttle.settle()
        #expect(
            shuttle.ends[0].events == [
                .reset(known, code: 1012), .reset(unknown, code: 1012),
                .reset(theirs, code: 1012), .resumed(streams: 1),
            ]
        )
        #expect(shuttle.ends[1].events == [.resumed(streams: 0), opened(late)])
        // The new lane counts from the start, and is not taken for the old one.
        let again = try shuttle.ends[1].machine.open(.call, head: [], partition: 0, epoch: 0)
        #expect(again == theirs)
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[0].machine.openSlot(again) != nil)
    }

    @Test func `a RESUME of many streams goes in several frames`() throws {
        var shuttle = LaneShuttle()
        for _ in 0..<5_000 { _ = try open(&shuttle) }
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[1].machine.streamCount == 5_000)
        let frames = shuttle.ends[0].machine.counters.framesSent
        shuttle.connect()
        shuttle.write(0, limit: 1)
        #expect(shuttle.ends[0].machine.counters.framesSent == frames + 1)
        #expect(shuttle.ends[0].machine.resumeCursor == 3_275)
        try shuttle.settle()
        #expect(shuttle.ends[1].events.last == .resumed(streams: 5_000))
        #expect(shuttle.ends.allSatisfy { $0.machine.counters.resumptions == 1 })
    }

    @Test func `control messages are not sent again`() throws {
        var shuttle = try connectedShuttle()
        try shuttle.ends[0].machine.sendControl(.gossip, payload: [1])
        shuttle.disconnect()
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends[1].events == [.resumed(streams: 0)])
    }

    @Test func `credit that was lost with a connection is there again`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        let payload = [UInt8](repeating: 1, count: 100_000)
        for _ in 0..<20 {
            _ = shuttle.ends[0].machine.send(id, payload: payload, isBinary: true)
            shuttle.write(0)
            try shuttle.read(1)
            shuttle.ends[1].consume(.max)
            shuttle.write(1)
            shuttle.disconnect()
            shuttle.connect()
            for index in 0...1 { shuttle.write(index) }
            for index in 0...1 { try shuttle.read(index) }
        }
        #expect(shuttle.ends[1].received[id]?.count == 20)
    }

    @Test func `a reset that was not written dies with its connection`() throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish(from: 1)
        shuttle.ends[0].machine.reset(id, code: 1000)
        shuttle.disconnect()
        shuttle.ends[1] = LaneEnd(machine: LaneMachine(isLowerID: false))
        #expect(
            try shuttle.ends[1].machine.open(.call, head: [], partition: 0, epoch: 0) == id
        )
        shuttle.connect()
        try shuttle.settle()
        #expect(shuttle.ends.allSatisfy { $0.machine.openSlot(id) != nil })
    }

    @Test(arguments: [false, true])
    func `streams of a new lane are not taken for older ones of the same number`(
        isCutBeforeRead: Bool
    ) throws {
        var shuttle = try connectedShuttle()
        let id = try shuttle.establish()
        _ = shuttle.ends[1].machine.send(id, payload: [1], isBinary: true)
        try shuttle.settle()
        shuttle.disconnect()
        for index in 0...1 { shuttle.ends[index].events = [] }
        shuttle.ends[0] = LaneEnd(machine: LaneMachine(isLowerID: true))
        #expect(try open(&shuttle, 9) == id)
        if isCutBeforeRead {
            // The new lane hears of the old one, which hears nothing of the new one.
            shuttle.connect()
            for index in 0...1 { shuttle.write(index) }
            try shuttle.read(0)
            shuttle.write(0)
            shuttle.disconnect()
        }
        shuttle.connect()
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events == [
                .reset(id, code: 1012), .resumed(streams: 0), opened(id, 9),
            ]
        )
        #expect(shuttle.ends[0].machine.openSlot(id) != nil)
    }
}
