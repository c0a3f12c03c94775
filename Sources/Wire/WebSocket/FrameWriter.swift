package import Primitives

/// Turns payloads into frames: unmasked for a server, masked for a client.
package struct FrameWriter: Sendable {
    /// Where masking keys come from; nil for a server.
    private var keys: SplitMix64?

    package init(role: WebSocketRole) {
        switch role {
        case .server: keys = nil
        case .client(let seed): keys = SplitMix64(seed: seed)
        }
    }

    /// True when its frames carry a mask: the other end's then have none.
    var masks: Bool { keys != nil }

    /// Appends one final frame.
    package mutating func write(
        _ opcode: Opcode,
        _ payload: Span<UInt8>,
        to output: inout ByteWriter
    ) {
        let mask = keys?.next().key
        let header = FrameHeader(opcode: opcode, mask: mask, payloadCount: payload.count)
        output.write(header.bytes)
        if let mask {
            var masked: [UInt8] = []
            masked.append(payload, masking: mask)
            output.write(masked)
        } else {
            output.write(payload)
        }
    }

    /// A whole server frame, to be encoded once and sent to many.
    package static func encode(
        _ kind: WebSocketMessage.Kind,
        _ payload: Span<UInt8>
    ) -> [UInt8] {
        var frame: [UInt8] = []
        frame.append(header(of: kind, payloadCount: payload.count), payload)
        return frame
    }

    /// The compressed form of a whole server frame, of which `deflate` makes the payload.
    package static func compressed(
        _ frame: [UInt8],
        deflate: (Span<UInt8>) -> [UInt8]
    ) -> [UInt8] {
        let payload = deflate(frame.span.extracting(payloadStart(of: frame)...))
        let header = FrameHeader(
            isCompressed: true,
            opcode: frame.first.flatMap { Opcode(rawValue: $0 & 0xF) } ?? .binary,
            mask: nil,
            payloadCount: payload.count
        )
        var whole: [UInt8] = []
        whole.append(header.bytes, payload.span)
        return whole
    }

    /// Where the payload of a whole server frame begins.
    package static func payloadStart(of frame: [UInt8]) -> Int {
        guard frame.count >= 2 else { return frame.count }
        return switch frame[1] {
        case ...125: 2
        case 126: 4
        default: 10
        }
    }

    /// How long the server frame of a message is.
    @inline(__always)
    package static func byteCount(payloadCount: Int) -> Int {
        2 + FrameHeader.lengthByteCount(of: payloadCount) + payloadCount
    }

    /// Only the header of a server frame, so that a large payload can follow uncopied.
    package static func header(
        of kind: WebSocketMessage.Kind,
        payloadCount: Int
    ) -> ShortBytes {
        FrameHeader(opcode: kind.opcode, mask: nil, payloadCount: payloadCount).bytes
    }
}

extension UInt64 {
    fileprivate var key: MaskingKey { MaskingKey(UInt32(truncatingIfNeeded: self)) }
}
