import Primitives
import Testing

@testable import Wire

/// Messages that come as a whole, and the memory in which they do.
@Suite struct WholeMessageTests {
    private static let empty = WebSocketMessage(kind: .binary, payload: [])

    private func taken(_ bytes: [UInt8], _ role: WebSocketRole = .server) -> WebSocketMessage? {
        let machine = WebSocketMachine(role: role)
        var message = Self.empty
        var offset = 0
        guard machine.nextWhole(in: bytes.span, from: &offset, into: &message) else {
            #expect(offset == 0)
            return nil
        }
        #expect(offset == bytes.count)
        return message
    }

    @Test(arguments: [0, 1, 7, 125, 126, 65_535, 65_536, 70_000])
    func `it is taken in all three forms of its length, from either side`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(taken(RawFrame.binary(payload).masked)?.payload == payload)
        #expect(
            taken(RawFrame.binary(payload).unmasked, .client(maskingSeed: 1))?.payload == payload
        )
        let text = String(repeating: "a", count: count)
        #expect(taken(RawFrame.text(text).masked) == WebSocketMessage(text: text))
    }

    @Test func `nothing else is taken`() {
        let others: [RawFrame] = [
            .ping(), .pong(), .emptyClose, .close(1000), .last("x"), .text("x", fin: false),
            .text("x", rsv: 4), .text([0xFF]),
        ]
        for frame in others { #expect(taken(frame.masked) == nil) }
        #expect(taken(RawFrame.text("x").unmasked) == nil)
        #expect(taken(RawFrame.text("x").masked, .client(maskingSeed: 1)) == nil)
        for count in [5, 126, 65_536] {
            let whole = RawFrame.binary([UInt8](repeating: 1, count: count)).masked
            for cut in 0..<min(14, whole.count) { #expect(taken(Array(whole.prefix(cut))) == nil) }
            #expect(taken(Array(whole.dropLast())) == nil)
        }
    }

    @Test func `a length that is not in its shortest form is not taken`() {
        let key: [UInt8] = [0, 0, 0, 0]
        let payload = [UInt8](repeating: 1, count: 125)
        #expect(taken([0x82, 0xFE, 0, 125] + key + payload) == nil)
        #expect(taken([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0, 125] + key + payload) == nil)
        let huge = [UInt8](repeating: 0xFF, count: 8)
        #expect(taken([0x82, 0xFF] + huge + key + payload) == nil)
    }

    @Test func `one that is too long is left for the error`() {
        var limits = WebSocketLimits()
        limits.messageBytesMax = 10
        let machine = WebSocketMachine(role: .server, limits: limits)
        var message = Self.empty
        var offset = 0
        for (count, isTaken) in [(10, true), (11, false)] {
            offset = 0
            let frame = RawFrame.binary([UInt8](repeating: 1, count: count)).masked
            let result = machine.nextWhole(in: frame.span, from: &offset, into: &message)
            #expect(result == isTaken)
        }
    }

    @Test func `it has the memory of the one before, unless somebody keeps that`() {
        let machine = WebSocketMachine(role: .server)
        let bytes = (1...4).flatMap { RawFrame.binary([UInt8](repeating: $0, count: 20)).masked }
        var message = Self.empty
        var offset = 0
        var kept: [WebSocketMessage] = []
        var places: [UnsafeRawPointer?] = []
        for round in 1...4 {
            #expect(machine.nextWhole(in: bytes.span, from: &offset, into: &message))
            #expect(message.payload == [UInt8](repeating: UInt8(round), count: 20))
            places.append(message.payload.withUnsafeBytes(\.baseAddress))
            if round == 2 { kept.append(message) }
        }
        #expect(places[0] == places[1])
        #expect(places[1] != places[2])
        #expect(places[2] == places[3])
        #expect(kept.map(\.payload) == [[UInt8](repeating: 2, count: 20)])
    }

    @Test func `a small one does not keep the memory of a large one`() {
        let machine = WebSocketMachine(role: .server)
        var message = Self.empty
        for count in [60_000, 20, 0, 300, 20] {
            let frame = RawFrame.binary([UInt8](repeating: 1, count: count)).masked
            var offset = 0
            #expect(machine.nextWhole(in: frame.span, from: &offset, into: &message))
            #expect(message.payload.count == count)
            // What the allocator adds to an array is not ours.
            let most = 2 * count + [UInt8].wastedBytesMax
            #expect(message.payload.capacity <= max(most, count + 64))
        }
    }
}
