import Primitives
import Wire

extension FuzzTarget {
    /// Frames of an authenticated peer; the first byte of an input chooses the state they come in.
    static let lane = FuzzTarget(
        name: "lane",
        summary: "frames of the link on a lane that begins, or that has streams of both sides",
        seeds: { LaneWorld.seeds },
        check: { bytes throws(Finding) in
            guard let mode = bytes.first else { return }
            let frames = bytes.dropFirst()
            let machine = LaneWorld.machines[Int(mode) % LaneWorld.machines.count]
            let whole = LaneParse([frames], machine)
            for way in Cuts.ways(of: Array(frames)) {
                let cut = LaneParse(way, machine)
                try require(cut.outcome == whole.outcome, "\(cut.outcome)\n\(whole.outcome)")
            }
            try whole.checkOutput()
        }
    )
}

/// Lanes to start from.
private enum LaneWorld {
    static let now = Instant.zero.advanced(by: .seconds(1))

    /// One that begins and one with streams, of the side with the lower id and of the other.
    static let machines: [LaneMachine] = {
        var begun = pair()
        for index in begun.indices { begun[index].connected(now: now) }
        return begun + used
    }()

    private static func pair() -> [LaneMachine] {
        var settings = LinkSettings()
        settings.windowBytes = 4 << 10
        settings.largeMessagePoolBytes = 32 << 10
        settings.streamsMax = 8
        return [true, false].map { LaneMachine(isLowerID: $0, settings: settings) }
    }

    /// Both sides have opened a session and a call; the other side has answered, and some is said.
    private static let used: [LaneMachine] = {
        var lanes = pair()
        for index in lanes.indices { lanes[index].connected(now: now) }
        flow(&lanes)
        for index in lanes.indices {
            for kind in [LinkStreamKind.session, .call] {
                let id = try? lanes[index].open(kind, head: [1], partition: 7, epoch: 9)
                flow(&lanes)
                guard let id else { continue }
                _ = lanes[1 - index].answer(id, head: [2])
                flow(&lanes)
                for side in lanes.indices { say(id, &lanes[side]) }
            }
        }
        flow(&lanes)
        return lanes
    }()

    private static func say(_ id: StreamID, _ lane: inout LaneMachine) {
        let message = [UInt8](repeating: 5, count: 40)
        _ = lane.send(id, payload: message, isBinary: true)
        _ = lane.putAttachment(id, [1])
    }

    /// Hands to each what the other has written, until nothing moves.
    @discardableResult
    static func flow(_ lanes: inout [LaneMachine]) -> [[UInt8]] {
        var written: [[UInt8]] = [[], []]
        while lanes.contains(where: \.hasOutput) {
            for index in lanes.indices {
                let bytes = output(&lanes[index])
                var events: [LaneMachine.Event] = []
                try? lanes[1 - index].receive(bytes.span, now: now, events: &events)
                written[index] += bytes
            }
        }
        return written
    }

    static func output(_ lane: inout LaneMachine) -> [UInt8] {
        var output = ByteWriter()
        var events: [LaneMachine.Event] = []
        lane.writeOutput(into: &output, limit: .max / 2, now: now, events: &events)
        return output.take()
    }

    /// What the other side would say next, for each of the machines.
    static var seeds: [[UInt8]] {
        var all: [[UInt8]] = []
        for start in [0, 2] {
            var lanes = Array(machines[start..<(start + 2)])
            for index in lanes.indices { talk(&lanes[index]) }
            let written = flow(&lanes)
            for index in [0, 1] { all.append([UInt8(start + index)] + written[1 - index]) }
        }
        return all
    }

    /// Something of each kind of frame.
    private static func talk(_ lane: inout LaneMachine) {
        let ids = (1...4).map { StreamID($0) }
        for id in ids {
            say(id, &lane)
            lane.tell(id, LinkStatus(taken: 3, dropped: 1, roundTrip: .milliseconds(1)))
            lane.consumed(id, bytes: 40)
        }
        _ = lane.multicast(Array(ids.prefix(2)), payload: [9, 9], isBinary: false, key: "k")
        _ = try? lane.open(.session, head: [UInt8](repeating: 3, count: 30), partition: 1, epoch: 2)
        _ = try? lane.sendControl(.gossip, payload: [5])
        lane.finish(ids[1], code: 1_000, reason: "bye")
        lane.close(ids[0], code: 1_001, reason: "gone")
        lane.moved(ids[2], epoch: Epoch(8), owner: .fuzz("b"), processed: 1, isInterrupted: false)
        lane.reset(ids[3], code: 1_012)
        var events: [LaneMachine.Event] = []
        _ = lane.timerFired(now: now.advanced(by: .seconds(1)), events: &events)
        lane.goAway(code: 1_000, text: "over")
    }
}

/// What a lane makes of some bytes.
private struct LaneParse {
    struct Outcome: Equatable {
        var events: [LaneMachine.Event] = []
        var error: LinkError?
    }

    var outcome = Outcome()
    private var machine: LaneMachine

    init(_ parts: [ArraySlice<UInt8>], _ machine: LaneMachine) {
        self.machine = machine
        do throws(LinkError) {
            for part in parts {
                let bytes = [UInt8](part)
                try self.machine.receive(bytes.span, now: LaneWorld.now, events: &outcome.events)
            }
        } catch {
            outcome.error = error
        }
    }

    /// The lane goes on after whatever has come: it writes whole frames, and bears a new connection.
    func checkOutput() throws(Finding) {
        var lane = machine
        try checkOneOutput(&lane)
        for event in outcome.events { react(to: event, &lane) }
        var late: [LaneMachine.Event] = []
        _ = lane.timerFired(now: LaneWorld.now.advanced(by: .seconds(40)), events: &late)
        try checkOneOutput(&lane)
        lane.disconnected()
        lane.connected(now: LaneWorld.now.advanced(by: .seconds(41)))
        try checkOneOutput(&lane)
        try require(lane.streamCount <= 8, "\(lane.streamCount) streams")
    }

    /// What a driver does with what it is told.
    private func react(to event: LaneMachine.Event, _ lane: inout LaneMachine) {
        switch event {
        case .opened(let id, _, let head, _, _): _ = lane.answer(id, head: head)
        case .message(let id, let payload, _): lane.consumed(id, bytes: payload.count)
        case .multicast(let ids, let payload, _):
            for id in ids { lane.consumed(id, bytes: payload.count) }
        case .keyed(let id, let key, let payload, _):
            lane.consumed(id, bytes: LinkKey.byteCount(key) + payload.count)
        case .keyedMulticast(let ids, let key, let payload, _):
            for id in ids { lane.consumed(id, bytes: LinkKey.byteCount(key) + payload.count) }
        case .finished(let id, let code, let reason): lane.close(id, code: code, reason: reason)
        case .answered, .attachment, .setting, .status, .closed, .reset, .moved, .processed,
            .drained, .control, .resumed, .ping, .pong, .goAway, .silent:
            break
        }
    }

    private func checkOneOutput(_ lane: inout LaneMachine) throws(Finding) {
        let bytes = LaneWorld.output(&lane)
        var offset = 0
        while offset < bytes.count {
            let isWhole = bytes.count - offset >= LinkFrameHeader.byteCount
            try require(isWhole, "a frame that is cut: \(bytes)")
            let header = LinkFrameHeader(from: bytes.span, at: offset)
            let isKnown = LinkFrameType(rawValue: header.typeCode) != nil
            try require(isKnown, "a frame of type \(header.typeCode)")
            offset += LinkFrameHeader.byteCount + header.payloadCount
        }
        try require(offset == bytes.count, "a payload that is cut: \(bytes)")
        try require(!lane.hasOutput, "output is left behind \(bytes.count) bytes")
    }
}
