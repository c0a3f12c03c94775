import Primitives
import Testing

@testable import Wire

@Suite struct LaneLimitTests {
    private func open(_ shuttle: inout LaneShuttle, from index: Int = 0) throws -> StreamID {
        try shuttle.ends[index].machine.open(.session, head: [], partition: 0, epoch: 0)
    }

    @Test func `streams are opened up to the limit and not one more`() throws {
        var settings = LinkSettings()
        settings.streamsMax = 3
        var shuttle = try connectedShuttle(settings)
        let ids = try (0..<3).map { _ in try open(&shuttle) }
        #expect(throws: LinkRefusal.tooManyStreams(limit: 3)) { try open(&shuttle) }
        try shuttle.settle()
        #expect(shuttle.ends[1].machine.streamCount == 3)
        shuttle.ends[0].machine.reset(ids[0], code: 1000)
        // The reset is not written yet, so the place is not free.
        #expect(throws: LinkRefusal.tooManyStreams(limit: 3)) { try open(&shuttle) }
        try shuttle.settle()
        _ = try open(&shuttle)
    }

    @Test func `a stream beyond the limit of the peer is reset as overloaded`() throws {
        var small = LinkSettings()
        small.streamsMax = 2
        var shuttle = try connectedShuttle(LinkSettings(), small)
        let ids = try (0..<3).map { _ in try open(&shuttle) }
        try shuttle.settle()
        #expect(shuttle.ends[0].events == [.reset(ids[2], code: 1013)])
        #expect(shuttle.ends[1].machine.streamCount == 2)
        #expect(shuttle.ends[1].machine.counters.streamsRefused == 1)
    }

    @Test func `refusals that the peer does not read have a limit`() throws {
        var small = LinkSettings()
        small.streamsMax = 2
        var shuttle = try connectedShuttle(LinkSettings(), small)
        for _ in 0..<4 { _ = try open(&shuttle) }
        shuttle.write(0)
        try shuttle.read(1)
        _ = try open(&shuttle)
        shuttle.write(0)
        #expect(throws: LinkError.tooManyResets(limit: 2)) { try shuttle.read(1) }
    }

    @Test func `a head of 64 KiB passes and a larger one does not`() throws {
        var shuttle = try connectedShuttle()
        let most = [UInt8](repeating: 1, count: 65_536)
        let id = try shuttle.ends[0].machine.open(.call, head: most, partition: 0, epoch: 0)
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events == [
                .opened(id, kind: .call, head: most, partition: 0, epoch: 0)
            ]
        )
        #expect(shuttle.ends[1].machine.answer(id, head: most + [1]) == .tooLarge)
        #expect(shuttle.ends[1].machine.answer(id, head: most) == .accepted)
        #expect(throws: LinkRefusal.headTooLong(count: 65_537, limit: 65_536)) {
            try shuttle.ends[0].machine.open(.call, head: most + [1], partition: 0, epoch: 0)
        }
    }

    @Test func `heads that the peer has not acknowledged have a limit`() throws {
        var settings = LinkSettings()
        settings.unacknowledgedHeadBytesMax = 100
        var shuttle = try connectedShuttle(settings)
        let half = [UInt8](repeating: 0, count: 50)
        for _ in 0..<2 {
            _ = try shuttle.ends[0].machine.open(.call, head: half, partition: 0, epoch: 0)
        }
        #expect(throws: LinkRefusal.headsUnacknowledged(bytes: 100, limit: 100)) {
            try shuttle.ends[0].machine.open(.call, head: [1], partition: 0, epoch: 0)
        }
        try shuttle.settle()
        _ = try shuttle.ends[0].machine.open(.call, head: half, partition: 0, epoch: 0)
    }

    @Test func `a message is taken while less than the limit waits, then the stream drains`() throws
    {
        var settings = LinkSettings()
        settings.queuedBytesMax = 1_000
        var shuttle = try connectedShuttle(settings)
        let id = try shuttle.establish()
        shuttle.disconnect()
        let payload = [UInt8](repeating: 0, count: 983)
        let machine = shuttle.ends[0].machine
        #expect(machine.queuedBytes(of: id) == 0)
        #expect(shuttle.ends[0].machine.send(id, payload: payload, isBinary: true) == .accepted)
        #expect(shuttle.ends[0].machine.queuedBytes(of: id) == 999)
        #expect(shuttle.ends[0].machine.send(id, payload: payload, isBinary: true) == .accepted)
        #expect(shuttle.ends[0].machine.send(id, payload: [], isBinary: true) == .full)
        #expect(shuttle.ends[0].machine.multicast([id], payload: [], isBinary: true) == [id])
        shuttle.ends[0].events = []
        shuttle.connect()
        try shuttle.settle()
        #expect(
            shuttle.ends[0].events == [
                .resumed(streams: 1), .drained(id), .processed(id, through: 2),
            ]
        )
        #expect(shuttle.ends[1].received[id]?.count == 2)
    }

    @Test func `control messages have limits in size, bytes and number`() throws {
        var settings = LinkSettings()
        settings.controlMessagesMax = 2
        settings.controlQueuedBytesMax = 1 << 20
        var shuttle = try connectedShuttle(settings)
        let most = [UInt8](repeating: 1, count: 1 << 20)
        try shuttle.ends[0].machine.sendControl(.gossip, payload: most)
        #expect(throws: LinkRefusal.controlQueueFull(limit: 1 << 20)) {
            try shuttle.ends[0].machine.sendControl(.gossip, payload: [1])
        }
        try shuttle.ends[0].machine.sendControl(.gossip, payload: [])
        #expect(throws: LinkRefusal.controlQueueFull(limit: 1 << 20)) {
            try shuttle.ends[0].machine.sendControl(.gossip, payload: [])
        }
        #expect(throws: LinkRefusal.controlTooLong(count: 1 << 20 + 1, limit: 1 << 20)) {
            try shuttle.ends[0].machine.sendControl(.gossip, payload: most + [1])
        }
        #expect(throws: LinkRefusal.notControl(.data)) {
            try shuttle.ends[0].machine.sendControl(.data, payload: [])
        }
        try shuttle.settle()
        #expect(
            shuttle.ends[1].events == [
                .control(.gossip, payload: most), .control(.gossip, payload: []),
            ]
        )
        try shuttle.ends[0].machine.sendControl(.gossip, payload: most)
    }

    @Test func `multicasts beyond their limit wait on each stream by itself`() throws {
        var settings = LinkSettings()
        settings.multicastsMax = 2
        var shuttle = try connectedShuttle(settings)
        let ids = [try shuttle.establish(), try shuttle.establish()]
        for byte in 0..<4 as Range<UInt8> {
            #expect(shuttle.ends[0].machine.multicast(ids, payload: [byte], isBinary: true) == [])
        }
        try shuttle.settle()
        #expect(shuttle.ends[0].machine.counters.multicastsSent == 2)
        for id in ids { #expect(shuttle.ends[1].received[id] == [[0], [1], [2], [3]]) }
    }

    @Test func `a window is clamped to what a peer accepts`() {
        for (wish, window) in [(0, 4 << 10), (100_000, 100_000), (1 << 30, 4 << 20)] {
            var settings = LinkSettings()
            settings.windowBytes = wish
            #expect(LaneMachine(isLowerID: true, settings: settings).window == window)
        }
    }
}
