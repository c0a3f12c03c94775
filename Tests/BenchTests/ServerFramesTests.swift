import Primitives
import Testing
import Wire

@testable import Bench

@Suite struct ServerFramesTests {
    private enum Found: Equatable {
        case message(WebSocketMessage.Kind, [UInt8])
        case control(Opcode, [UInt8])
    }

    /// What is found in some reads, with the pieces of each message joined.
    private func read(
        _ reads: [[UInt8]],
        messageBytesMax: Int = 1 << 20
    ) throws(FrameError) -> [Found] {
        var frames = ServerFrames(messageBytesMax: messageBytesMax)
        var found: [Found] = []
        var payload: [UInt8] = []
        for bytes in reads {
            var offset = 0
            while let piece = try frames.next(in: bytes.span, from: &offset) {
                switch piece {
                case .payload(let range, let endsMessage):
                    payload += bytes[range]
                    guard endsMessage else { continue }
                    found.append(.message(frames.kind, payload))
                    payload = []
                case .control(let opcode, let bytes): found.append(.control(opcode, bytes))
                }
            }
            #expect(offset == bytes.count)
        }
        return found
    }

    private func frame(
        _ opcode: Opcode,
        _ payload: [UInt8],
        isFinal: Bool = true
    ) -> [UInt8] {
        let header = FrameHeader(
            isFinal: isFinal,
            opcode: opcode,
            mask: nil,
            payloadCount: payload.count
        )
        var frame: [UInt8] = []
        frame.append(header.bytes, payload.span)
        return frame
    }

    private var conversation: (bytes: [UInt8], found: [Found]) {
        let long = [UInt8](repeating: 7, count: 300)
        let bytes =
            frame(.binary, [1, 2, 3]) + frame(.text, []) + frame(.text, [65], isFinal: false)
            + frame(.ping, [9]) + frame(.continuation, [], isFinal: false)
            + frame(.continuation, [66]) + frame(.binary, long) + frame(.close, [3, 232])
        let found: [Found] = [
            .message(.binary, [1, 2, 3]), .message(.text, []), .control(.ping, [9]),
            .message(.text, [65, 66]), .message(.binary, long), .control(.close, [3, 232]),
        ]
        return (bytes, found)
    }

    @Test func `messages and control frames are found in order`() throws {
        let (bytes, found) = conversation
        #expect(try read([bytes]) == found)
    }

    @Test func `the same is found wherever the bytes are cut`() throws {
        let (bytes, found) = conversation
        for cut in 0...bytes.count {
            #expect(try read([Array(bytes[..<cut]), Array(bytes[cut...])]) == found, "\(cut)")
        }
        #expect(try read(bytes.map { [$0] }) == found)
    }

    @Test func `what no server may send is an error`() {
        let cases: [(bytes: [UInt8], error: FrameError)] = [
            ([0x82, 0x80], .maskedServerFrame), ([0xC2, 0x00], .reservedBits(4)),
            ([0x83, 0x00], .reservedOpcode(3)), ([0x80, 0x00], .unexpectedContinuation),
            ([0x01, 0x00, 0x82, 0x00], .interruptedMessage(by: .binary)),
            ([0x82, 126, 0, 5], .lengthNotMinimal(5)), ([0x09, 0], .fragmentedControl(.ping)),
            ([0x89, 126, 0, 126], .controlTooLong(.ping)),
        ]
        for (bytes, error) in cases {
            #expect(throws: error, "\(bytes)") { try read([bytes]) }
        }
    }

    @Test func `a message may be as long as the limit, over all its frames`() throws {
        let ten = [UInt8](repeating: 1, count: 10)
        #expect(try read([frame(.binary, ten)], messageBytesMax: 10).count == 1)
        #expect(throws: FrameError.messageTooLong(length: 10, limit: 9)) {
            try read([frame(.binary, ten)], messageBytesMax: 9)
        }
        let halves = frame(.text, ten, isFinal: false) + frame(.continuation, [1])
        #expect(throws: FrameError.messageTooLong(length: 11, limit: 10)) {
            try read([halves], messageBytesMax: 10)
        }
    }
}
