package import Primitives

/// The 16 bytes in front of every frame of the link.
///
/// | offset | bytes | field                                                   |
/// |--------|-------|---------------------------------------------------------|
/// | 0      | 1     | type, a `LinkFrameType` or unknown                      |
/// | 1      | 1     | `LinkFrameFlags`                                        |
/// | 2      | 2     | partition of the object                                 |
/// | 4      | 4     | payload length, at most 65,536; control at most 1 MiB   |
/// | 8      | 4     | stream                                                  |
/// | 12     | 4     | the low half of the epoch in which the stream was opened |
///
/// All numbers are big-endian.
package struct LinkFrameHeader: Equatable, Sendable {
    package static let byteCount = 16

    /// The number of the type, which this version may not know.
    package let typeCode: UInt8
    package let flags: LinkFrameFlags
    package let partition: UInt16
    package let payloadCount: Int
    package let stream: StreamID
    package let epoch: UInt32

    package init(
        _ type: LinkFrameType,
        flags: LinkFrameFlags = [],
        payloadCount: Int,
        stream: StreamID = .lane,
        partition: UInt16 = 0,
        epoch: UInt32 = 0
    ) {
        typeCode = type.rawValue
        self.flags = flags
        self.partition = partition
        self.payloadCount = payloadCount
        self.stream = stream
        self.epoch = epoch
    }

    /// Reads the header at `offset`, where the caller has seen 16 bytes.
    package init(from bytes: Span<UInt8>, at offset: Int = 0) {
        // Looked at once whether they are there.
        let bytes = bytes.extracting(offset..<(offset + Self.byteCount))
        typeCode = bytes[0]
        flags = LinkFrameFlags(rawValue: bytes[1])
        partition = bytes.uint16(at: 2)
        payloadCount = Int(bytes.uint32(at: 4))
        stream = StreamID(bytes.uint32(at: 8))
        epoch = bytes.uint32(at: 12)
    }

    package func encode(to writer: inout ByteWriter) { writer.write(encoded) }

    /// The 16 bytes, to be written in one piece.
    @inline(__always)
    var encoded: UInt128 {
        let kind = UInt64(typeCode) << 56 | UInt64(flags.rawValue) << 48 | UInt64(partition) << 32
        let first = kind | UInt64(UInt32(truncatingIfNeeded: payloadCount))
        let second = UInt64(stream.value) << 32 | UInt64(epoch)
        return UInt128(first) << 64 | UInt128(second)
    }

    /// The type when this version knows it and may read the frame; nil for one to be skipped.
    ///
    /// Called before the payload is there, so that a length above the limit is never waited for.
    func checkedType() throws(LinkError) -> LinkFrameType? {
        guard let type = LinkFrameType(rawValue: typeCode) else {
            guard flags.contains(.ignorable) else { throw .unknownType(typeCode) }
            let limit = LinkLimits.fragmentBytesMax
            guard payloadCount <= limit else {
                throw .payloadTooLong(type: typeCode, count: payloadCount)
            }
            return nil
        }
        guard payloadCount <= type.payloadBytesMax else {
            throw .payloadTooLong(type: typeCode, count: payloadCount)
        }
        guard flags.isDisjoint(with: .unsupported) else { throw .unsupportedFlags(flags.rawValue) }
        return type
    }
}
