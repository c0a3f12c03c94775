import Primitives

/// The tags of a socket: distinct, in the order in which they were given.
package struct SocketTags: Equatable, Sendable {
    /// Distinct tags of one socket, as in Cloudflare's Durable Objects.
    package static let countMax = 10
    /// The Unicode scalars of a tag.
    package static let characterCountMax = 256
    /// The same in UTF-8.
    static let byteCountMax = 4 * characterCountMax

    package let list: [String]

    package static let none = SocketTags(list: [])

    private init(list: [String]) { self.list = list }

    /// Takes each tag once; refused when a limit is passed or a tag is empty.
    package init(_ tags: [String]) throws(SocketNotesError) {
        var list: [String] = []
        for tag in tags where !list.contains(tag) {
            let count = tag.unicodeScalars.count
            guard count > 0 else { throw .emptyTag }
            guard count <= Self.characterCountMax else {
                throw .tagTooLong(count: count, limit: Self.characterCountMax)
            }
            guard list.count < Self.countMax else { throw .tooManyTags(limit: Self.countMax) }
            list.append(tag)
        }
        self.list = list
    }

    /// The number of tags in one byte, and each as a text with its length in two.
    func encode(to writer: inout ByteWriter) {
        writer.write(UInt8(truncatingIfNeeded: list.count))
        for tag in list { writer.writeText16(tag) }
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        let count = Int(try reader.uint8())
        guard count <= Self.countMax else { throw .tooLong(length: count, limit: Self.countMax) }
        var tags: [String] = []
        for _ in 0..<count { tags.append(try reader.text16(limit: Self.byteCountMax)) }
        guard let checked = try? SocketTags(tags), checked.list.count == count else {
            throw .invalidValue
        }
        self = checked
    }

    /// What the tags take in a head, at most.
    static let encodedBytesMax = 1 + countMax * (2 + byteCountMax)
}

/// What an object has noted on one of its sockets: its edge keeps it, and gives it to whichever
/// node has the object next.
package struct SocketNotes: Equatable, Sendable {
    /// An attachment, as in Cloudflare's Durable Objects.
    package static let attachmentBytesMax = 16_384

    private struct Content: Equatable, Sendable {
        var tags = SocketTags.none
        var attachment: [UInt8]?
        var autoResponses = AutoResponses.none
        var sendPolicy = SendPolicy.close
    }

    private final class Shared: Sendable {
        let content: Content

        init(_ content: Content) { self.content = content }
    }

    /// Nil where nothing is noted, as on most sockets, which so have eight bytes for it.
    private var shared: Shared?

    private var content: Content {
        get { shared?.content ?? Content() }
        set { shared = newValue == Content() ? nil : Shared(newValue) }
    }

    /// True where nothing is noted.
    private var isEmpty: Bool { shared == nil }

    package var tags: SocketTags {
        get { shared?.content.tags ?? .none }
        set { if newValue != tags { content.tags = newValue } }
    }

    /// Bytes of the object's own, at most `attachmentBytesMax`; nil when there are none.
    package var attachment: [UInt8]? { shared?.content.attachment }

    /// What the edge answers by itself.
    package var autoResponses: AutoResponses {
        get { shared?.content.autoResponses ?? .none }
        set { if !isEmpty || newValue != .none { content.autoResponses = newValue } }
    }

    /// What the edge does when the client is too slow.
    package var sendPolicy: SendPolicy {
        get { shared?.content.sendPolicy ?? .close }
        set { content.sendPolicy = newValue }
    }

    package init(tags: SocketTags = .none) { self.tags = tags }

    package static func == (first: SocketNotes, second: SocketNotes) -> Bool {
        first.shared === second.shared || first.content == second.content
    }

    /// Refused, with the one before still there, when it is too large.
    package mutating func setAttachment(_ bytes: [UInt8]?) throws(SocketNotesError) {
        let count = bytes?.count ?? 0
        guard count <= Self.attachmentBytesMax else {
            throw .attachmentTooLarge(count: count, limit: Self.attachmentBytesMax)
        }
        content.attachment = bytes
    }

    /// Notes what the object has set, instead of what was set before.
    package mutating func set(_ setting: SocketSetting) {
        switch setting {
        case .autoResponses(let responses): autoResponses = responses
        case .sendPolicy(let policy): sendPolicy = policy
        }
    }

    /// True when there is anything that `SocketSetting` sets.
    var hasSettings: Bool { autoResponses != .none || sendPolicy != .close }

    /// What all of it takes in a head, at most.
    static let encodedBytesMax =
        SocketTags.encodedBytesMax + 2 + attachmentBytesMax + 1 + AutoResponses.encodedBytesMax

    /// What a head has of the notes behind its fields: each part only when it is there.
    func encode(to writer: inout ByteWriter) {
        if tags != .none { tags.encode(to: &writer) }
        if let attachment {
            writer.write(UInt16(truncatingIfNeeded: attachment.count))
            writer.write(attachment.span)
        }
        guard hasSettings else { return }
        writer.write(sendPolicy.code)
        autoResponses.encode(to: &writer)
    }

    /// Reads those parts that the bits of the head announce.
    init(
        from reader: inout ByteReader,
        hasTags: Bool,
        hasAttachment: Bool,
        hasSettings: Bool
    ) throws(ByteError) {
        self.init(tags: hasTags ? try SocketTags(from: &reader) : .none)
        if hasAttachment {
            let count = Int(try reader.uint16())
            content.attachment = try reader.array(count: count, limit: Self.attachmentBytesMax)
        }
        guard hasSettings else { return }
        guard let policy = SendPolicy(code: try reader.uint8()) else { throw .invalidValue }
        sendPolicy = policy
        autoResponses = try AutoResponses(from: &reader)
    }
}

/// Why an object may not note something on a socket.
public enum SocketNotesError: Error, Equatable, Sendable {
    case tooManyTags(limit: Int)
    /// In Unicode scalars.
    case tagTooLong(count: Int, limit: Int)
    case emptyTag
    /// In bytes.
    case attachmentTooLarge(count: Int, limit: Int)
    /// The socket is accepted already, or refused, or gone.
    case notOffered
}
