import Primitives

/// What an object has set for one of its sockets, and its edge keeps: beside tags and attachment.
package enum SocketSetting: Equatable, Sendable {
    case autoResponses(AutoResponses)
    case sendPolicy(SendPolicy)
}

/// The payload of an ATTACHMENT: what the object has noted on a socket now.
///
/// One byte, and what it says: 0 no attachment any more, 1 an attachment, 2 automatic responses,
/// 3 a policy.
enum LinkNote: Equatable, Sendable {
    case attachment([UInt8]?)
    case setting(SocketSetting)

    /// The longest payload.
    static let byteCountMax = 1 + max(SocketNotes.attachmentBytesMax, AutoResponses.encodedBytesMax)

    var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .attachment(nil): return [0]
        case .attachment(let bytes?):
            writer = ByteWriter(reservingCapacity: 1 + bytes.count)
            writer.write(1 as UInt8)
            writer.write(bytes.span)
        case .setting(.autoResponses(let responses)):
            writer.write(2 as UInt8)
            responses.encode(to: &writer)
        case .setting(.sendPolicy(let policy)): return [3, policy.code]
        }
        return writer.take()
    }

    init(_ payload: Span<UInt8>) throws(ByteError) {
        guard payload.count > 0 else { throw .truncated }
        guard payload.count <= Self.byteCountMax else {
            throw .tooLong(length: payload.count, limit: Self.byteCountMax)
        }
        var reader = ByteReader([UInt8](copying: payload.extracting(1..<payload.count)))
        switch payload[0] {
        case 0: self = .attachment(nil)
        case 1:
            let limit = SocketNotes.attachmentBytesMax
            self = .attachment(try reader.array(count: reader.remaining, limit: limit))
        case 2: self = .setting(.autoResponses(try AutoResponses(from: &reader)))
        case 3:
            guard let policy = SendPolicy(code: try reader.uint8()) else { throw .invalidValue }
            self = .setting(.sendPolicy(policy))
        default: throw .invalidValue
        }
        try reader.finish()
    }
}
