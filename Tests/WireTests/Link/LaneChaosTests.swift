import Primitives
import Testing

@testable import Wire

/// Two nodes that open, send, multicast and consume at random while connections are cut.
private struct Chaos {
    private enum Step: CaseIterable {
        case open
        case send
        case sendMany
        case multicast
        case write
        case read
        case consume
        case cut
        case time
    }

    var shuttle: LaneShuttle
    var random: SplitMix64
    /// What each end was allowed to send on each stream, in order.
    var accepted: [[StreamID: [[UInt8]]]] = [[:], [:]]
    var streams: [StreamID] = []
    var isConnected = false
    private var serial: UInt64 = 0

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        var settings = LinkSettings()
        settings.windowBytes = 4_096 << Int.random(in: 0...3, using: &random)
        var other = settings
        other.windowBytes = 4_096 << Int.random(in: 0...3, using: &random)
        settings.queuedBytesMax = 20_000
        shuttle = LaneShuttle(settings, other)
    }

    mutating func run(steps: Int) throws {
        for _ in 0..<steps {
            guard let step = Step.allCases.randomElement(using: &random) else { return }
            try perform(step, at: Int.random(in: 0...1, using: &random))
            checkCredit()
        }
        for _ in 0..<2 { reconnect() }
        try shuttle.settle()
    }

    private mutating func perform(_ step: Step, at index: Int) throws {
        switch step {
        case .open: try open(index)
        case .send: send(index)
        case .sendMany: for _ in 0..<8 { send(index) }
        case .multicast: multicast(index)
        case .write: shuttle.write(index, limit: Int.random(in: 1...40_000, using: &random))
        case .read: try read(index)
        case .consume:
            shuttle.ends[index].consume(Int.random(in: 1...20, using: &random))
        case .cut: if Int.random(in: 0..<4, using: &random) == 0 { reconnect() }
        case .time:
            shuttle.now = shuttle.now.advanced(by: .milliseconds(10))
            shuttle.fireTimers()
        }
    }

    private mutating func reconnect() {
        if Bool.random(using: &random) { shuttle.disconnect() }
        shuttle.connect()
    }

    private mutating func open(_ index: Int) throws {
        guard streams.count < 12 else { return }
        streams.append(
            try shuttle.ends[index].machine.open(.session, head: [], partition: 0, epoch: 0)
        )
    }

    /// A payload that is unlike every other.
    private mutating func payload() -> [UInt8] {
        serial += 1
        let sizes = [0...40, 0...40, 0...3_000, 0...70_000]
        let range = sizes[Int.random(in: 0..<sizes.count, using: &random)]
        let count = Int.random(in: range, using: &random)
        var writer = ByteWriter()
        writer.write(serial)
        writer.write(Array(repeating: UInt8(truncatingIfNeeded: serial), count: count))
        return writer.bytes
    }

    private mutating func send(_ index: Int) {
        guard let id = streams.randomElement(using: &random) else { return }
        let payload = payload()
        if shuttle.ends[index].machine.send(id, payload: payload, isBinary: true) == .accepted {
            accepted[index][id, default: []].append(payload)
        }
    }

    private mutating func multicast(_ index: Int) {
        let payload = payload()
        let known = streams.filter { shuttle.ends[index].machine.openSlot($0) != nil }
        let refused = shuttle.ends[index].machine.multicast(
            known,
            payload: payload,
            isBinary: false
        )
        for id in known where !refused.contains(id) {
            accepted[index][id, default: []].append(payload)
        }
    }

    private mutating func read(_ index: Int) throws {
        try shuttle.read(index, count: Int.random(in: 1...50_000, using: &random))
    }

    /// What is buffered is never more than what was granted.
    private func checkCredit() {
        for end in shuttle.ends {
            for slot in end.machine.streams.taken {
                let inbox = end.machine.streams[slot].inbox
                let partial = inbox.partial?.cost ?? 0
                let sum = inbox.available + inbox.unconsumed + inbox.returnable + partial
                let isFresh = end.machine.connection == .up && end.machine.resumeCursor == nil
                if isFresh { #expect(sum == end.machine.window + inbox.extra) }
                #expect(inbox.available >= 0)
                #expect(inbox.unconsumed + partial <= end.machine.window + inbox.extra)
            }
        }
    }
}

@Suite struct LaneChaosTests {
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `nothing is lost, doubled or reordered, however connections are cut`(
        seed: UInt64
    ) throws {
        var chaos = Chaos(seed: seed)
        chaos.shuttle.connect()
        try chaos.run(steps: 400)
        for index in 0...1 {
            for id in chaos.streams {
                let sent = chaos.accepted[index][id] ?? []
                let received = chaos.shuttle.ends[1 - index].received[id] ?? []
                #expect(received == sent, "seed \(seed), stream \(id) from \(index)")
            }
        }
        #expect(chaos.shuttle.ends.allSatisfy { $0.ended.isEmpty })
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a close comes behind every message and both ends forget the stream`(
        seed: UInt64
    ) throws {
        var chaos = Chaos(seed: seed)
        chaos.shuttle.connect()
        try chaos.run(steps: 200)
        for (offset, id) in chaos.streams.enumerated() {
            let index = offset % 2
            if chaos.shuttle.ends[index].machine.send(id, payload: [7], isBinary: true) == .accepted
            {
                chaos.accepted[index][id, default: []].append([7])
            }
            chaos.shuttle.ends[index].machine.close(id, code: 1000, reason: "done")
            chaos.shuttle.write(index, limit: 100)
            if offset % 3 == 0 { chaos.shuttle.connect() }
        }
        try chaos.shuttle.settle()
        for (offset, id) in chaos.streams.enumerated() {
            let index = offset % 2
            #expect(chaos.shuttle.ends[1 - index].received[id] == chaos.accepted[index][id])
            #expect(chaos.shuttle.ends[1 - index].ended[id] == 1000)
        }
        for end in chaos.shuttle.ends {
            #expect(end.machine.streamCount == 0)
            #expect(end.machine.poolUsed == 0)
        }
    }

    @Test func `one seed gives one run`() throws {
        var traces: [[LaneMachine.Event]] = []
        for _ in 0..<2 {
            var chaos = Chaos(seed: 77)
            chaos.shuttle.connect()
            try chaos.run(steps: 300)
            traces.append(chaos.shuttle.ends.flatMap(\.events))
        }
        #expect(traces[0] == traces[1])
    }
}
