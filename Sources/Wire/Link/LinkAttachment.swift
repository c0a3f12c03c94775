import Primitives

/// The payload of an ATTACHMENT: what the object has noted on a socket now.
///
/// One byte, 1 with the attachment behind it, or 0 alone when there is none any more.
enum LinkAttachment {
    /// The longest payload.
    static let byteCountMax = 1 + SocketNotes.attachmentBytesMax

    static func encode(_ attachment: [UInt8]?) -> [UInt8] {
        guard let attachment else { return [0] }
        var writer = ByteWriter(reservingCapacity: 1 + attachment.count)
        writer.write(1 as UInt8)
        writer.write(attachment.span)
        return writer.take()
    }

    static func decode(_ payload: Span<UInt8>) throws(ByteError) -> [UInt8]? {
        guard payload.count > 0 else { throw .truncated }
        guard payload.count <= byteCountMax else {
            throw .tooLong(length: payload.count, limit: byteCountMax)
        }
        switch payload[0] {
        case 0:
            guard payload.count == 1 else { throw .trailing(count: payload.count - 1) }
            return nil
        case 1: return [UInt8](copying: payload.extracting(1..<payload.count))
        default: throw .invalidValue
        }
    }
}
