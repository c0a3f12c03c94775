import Primitives
import Testing

@testable import Wire

/// Policies on a lane that is full, and keys, by which the edge applies them.
@Suite struct LanePolicyTests {
    /// A session from end 0, whose object at end 1 may have 1,000 bytes waiting on the lane.
    private func session(_ policy: SendPolicy) throws -> (LaneShuttle, StreamID) {
        var settings = LinkSettings()
        settings.queuedBytesMax = 1_000
        var shuttle = try connectedShuttle(settings)
        let id = try shuttle.establish()
        shuttle.ends[1].machine.setPolicy(id, policy)
        for index in shuttle.ends.indices { shuttle.ends[index].events = [] }
        return (shuttle, id)
    }

    /// Messages of 84 bytes cost 100 each.
    private func message(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number)] + [UInt8](repeating: 0, count: 83)
    }

    private func send(
        _ numbers: ClosedRange<Int>,
        key: String? = nil,
        _ id: StreamID,
        _ shuttle: inout LaneShuttle
    ) -> [LinkSendResult] {
        numbers.map { number in
            shuttle.ends[1].machine.send(id, payload: message(number), isBinary: true, key: key)
        }
    }

    private func numbers(_ id: StreamID, _ shuttle: LaneShuttle) -> [Int] {
        (shuttle.ends[0].received[id] ?? []).map { Int($0[0]) }
    }

    @Test func `by default the eleventh message finds no room, and none is lost`() throws {
        var (shuttle, id) = try session(.close)
        #expect(send(1...10, id, &shuttle) == Array(repeating: .accepted, count: 10))
        #expect(send(11...11, id, &shuttle) == [.full])
        #expect(shuttle.ends[1].machine.takeDrops() == [])
        try shuttle.settle()
        #expect(numbers(id, shuttle) == Array(1...10))
    }

    @Test func `the oldest are dropped until there is room, and told`() throws {
        var (shuttle, id) = try session(.dropOldest)
        #expect(send(1...25, id, &shuttle).allSatisfy { $0 == .accepted })
        let drops = shuttle.ends[1].machine.takeDrops()
        #expect(drops == Array(repeating: LinkDrop(stream: id, messages: [84]), count: 15))
        #expect(shuttle.ends[1].machine.takeDrops() == [])
        try shuttle.settle()
        #expect(numbers(id, shuttle) == Array(16...25))
    }

    @Test func `a message of which a part is written is sent to its end`() throws {
        var (shuttle, id) = try session(.dropOldest)
        let large = [UInt8](repeating: 9, count: 200_000)
        _ = shuttle.ends[1].machine.send(id, payload: large, isBinary: true)
        shuttle.write(1, limit: 1)
        #expect(send(1...5, id, &shuttle).first == .full)
        try shuttle.settle()
        #expect(shuttle.ends[0].received[id] == [large])
    }

    @Test func `coalescing keeps the last of each key, and closes when that is not enough`()
        throws
    {
        var (shuttle, id) = try session(.coalesce)
        #expect(send(1...4, key: "x", id, &shuttle) == Array(repeating: .accepted, count: 4))
        #expect(send(5...10, key: "y", id, &shuttle) == Array(repeating: .accepted, count: 6))
        #expect(send(11...11, key: "x", id, &shuttle) == [.accepted])
        // Of the first key nothing is left but the last, and of the second 10 is.
        #expect(shuttle.ends[1].machine.takeDrops().map(\.messages.count) == [9])
        let most = Array(repeating: LinkSendResult.accepted, count: 8)
        #expect(send(12...20, id, &shuttle) == most + [.full])
        try shuttle.settle()
        #expect(numbers(id, shuttle) == Array(10...19))
    }

    @Test func `a multicast that finds a full stream is subject to its policy`() throws {
        var (shuttle, id) = try session(.dropOldest)
        _ = send(1...10, id, &shuttle)
        let refused = shuttle.ends[1].machine.multicast(
            [id],
            payload: message(11),
            isBinary: true
        )
        #expect(refused == [])
        try shuttle.settle()
        #expect(numbers(id, shuttle) == Array(2...11))
    }

    // MARK: - Keys

    @Test func `a key stands in front of the message`() throws {
        var (shuttle, id) = try session(.coalesce)
        _ = shuttle.ends[1].machine.send(id, payload: [0xAB], isBinary: true, key: "xy")
        shuttle.write(1)
        #expect(
            shuttle.ends[0].incoming
                == bytes(hex: "12 57 0007 00000004 00000001 00000009 02 78 79 AB")
        )
        try shuttle.read(0)
        let event = LaneMachine.Event.keyed(id, key: "xy", payload: [0xAB], isBinary: true)
        #expect(shuttle.ends[0].events == [event])
    }

    @Test func `a key goes with fragments and with multicasts, and all credit comes back`()
        throws
    {
        var (shuttle, id) = try session(.coalesce)
        let other = try shuttle.establish()
        let large = [UInt8](repeating: 7, count: 300_000)
        _ = shuttle.ends[1].machine.send(id, payload: large, isBinary: false, key: "k")
        try shuttle.settle()
        _ = shuttle.ends[1].machine.multicast(
            [id, other],
            payload: [1, 2],
            isBinary: true,
            key: ""
        )
        try shuttle.settle()
        let events = shuttle.ends[0].events.suffix(3)
        #expect(events.contains(.keyed(id, key: "k", payload: large, isBinary: false)))
        let both = LaneMachine.Event.keyedMulticast(
            [id, other],
            key: "",
            payload: [1, 2],
            isBinary: true
        )
        #expect(events.contains(both))
        for end in shuttle.ends {
            for slot in end.machine.streams.taken {
                #expect(end.machine.streams[slot].inbox.unconsumed == 0)
            }
        }
    }

    @Test(arguments: ["", "01", "02 61", "01 FF 00"])
    func `a key that is not whole is refused`(hex: String) throws {
        for type in [LinkFrameType.data, .multicast] {
            var (shuttle, id) = try session(.close)
            let list = type == .multicast ? bytes(hex: "0001 00000001") : []
            let payload = list + bytes(hex: hex)
            var writer = ByteWriter()
            LinkFrameHeader(
                type,
                flags: [.whole, .keyed],
                payloadCount: payload.count,
                stream: type == .multicast ? .lane : id
            ).encode(to: &writer)
            writer.write(payload)
            shuttle.ends[0].incoming = writer.bytes
            #expect(throws: LinkError.malformed(type: type.rawValue)) { try shuttle.read(0) }
        }
    }

    // MARK: - Chance

    /// Messages, notes and cuts at random, on a lane that is mostly full.
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `what arrives is what was not dropped, in order, with all notes and counts`(
        seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        var (shuttle, id) = try session(.dropOldest)
        var (sent, dropped, asked) = (0, 0, 0)
        var lastNote: UInt8 = 0
        for _ in 0..<400 {
            switch Int.random(in: 0...9, using: &random) {
            case 0...4:
                for _ in 0..<3 {
                    sent += 1
                    var writer = ByteWriter()
                    writer.write(UInt32(sent))
                    let count = Int.random(in: 0...90, using: &random)
                    writer.write([UInt8](repeating: 1, count: count))
                    let result = shuttle.ends[1].machine.send(
                        id,
                        payload: writer.bytes,
                        isBinary: true
                    )
                    #expect(result == .accepted)
                }
            case 5:
                lastNote &+= 1
                _ = shuttle.ends[1].machine.putAttachment(id, [lastNote])
            case 6:
                _ = shuttle.ends[0].machine.send(id, payload: [], isBinary: true)
                asked += 1
                shuttle.ends[1].consume(.max)
            case 7: shuttle.write(Int.random(in: 0...1, using: &random), limit: 200)
            case 8:
                try shuttle.read(0)
                try shuttle.read(1)
                shuttle.ends[0].consume(.max)
            default:
                guard Int.random(in: 0...3, using: &random) == 0 else { break }
                shuttle.disconnect()
                shuttle.connect()
            }
            dropped += shuttle.ends[1].machine.takeDrops().reduce(0) { $0 + $1.messages.count }
        }
        try shuttle.settle()
        let received = (shuttle.ends[0].received[id] ?? []).map { $0.span.uint32(at: 0) }
        #expect(zip(received, received.dropFirst()).allSatisfy(<), "seed \(seed)")
        #expect(received.count + dropped == sent, "seed \(seed)")
        #expect(received.last == UInt32(sent), "seed \(seed)")
        if lastNote > 0 { #expect(shuttle.ends[0].attachments[id]?.last == [lastNote]) }
        #expect(shuttle.ends[0].processed[id]?.last ?? 0 == UInt64(asked), "seed \(seed)")
    }
}
