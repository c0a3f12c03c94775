/// What a frame of the link says.
package enum LinkFrameType: UInt8, CaseIterable, Sendable {
    case hello = 0x01
    case challenge = 0x02
    case auth = 0x03
    case ready = 0x04
    /// Code u16, text: this connection ends.
    case goAway = 0x05
    /// The sender's clock u64.
    case ping = 0x06
    /// The clock of the ping u64, the sender's clock u64.
    case pong = 0x07

    /// An opaque head.
    case open = 0x10
    case opened = 0x11
    /// A fragment of a message.
    case data = 0x12
    /// Code u16, reason.
    case close = 0x13
    /// Code u16.
    case reset = 0x14
    /// Any number of: stream u32, bytes u32.
    case credit = 0x15
    /// Any number of: stream u32, count of items received u64, messages that still wait u32.
    case ack = 0x16
    /// How far the sender had got when the connection began; `LaneMachine+Resume`.
    case resume = 0x17
    /// A `LinkMoved`: the object lives elsewhere.
    case moved = 0x18
    /// Kept free for a frame that is handed back.
    case bounce = 0x19
    /// A list of streams and a fragment of one message for all of them.
    case multicast = 0x1A

    /// Code u16, reason: the sender has no more to say, and waits for what the peer has.
    case finish = 0x1B
    /// A `LinkNote`: what the object has noted on the socket now.
    case attachment = 0x1C
    /// Any number of: stream u32, a `LinkStatus` of the client's edge.
    case status = 0x1D

    /// An opaque head.
    case call = 0x20
    case result = 0x21
    /// Nothing yet: what the objects of a node leave to another one follows as a message.
    case records = 0x22

    /// Opaque bytes of the ownership protocol.
    case ownership = 0x30
    /// How far the sender's sessions have come to their objects' new owners.
    case rollCall = 0x31
    /// Opaque bytes of the membership.
    case gossip = 0x3C
    /// Number u64 of a question and opaque bytes; the answer repeats the number.
    case query = 0x3D
    case answer = 0x3E

    /// True for what the lane carries for others as opaque bytes, without streams and credit.
    package var isControl: Bool { rawValue >= LinkFrameType.ownership.rawValue }

    /// The longest payload.
    var payloadBytesMax: Int {
        if self == .attachment { return LinkNote.byteCountMax }
        return isControl ? LinkLimits.controlBytesMax : LinkLimits.fragmentBytesMax
    }
}

/// The second byte of a frame.
package struct LinkFrameFlags: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The last fragment of its message.
    package static let last = LinkFrameFlags(rawValue: 0x01)
    /// The first fragment; when not the last too, it begins with the size of the message, u32.
    package static let first = LinkFrameFlags(rawValue: 0x02)
    /// The message is binary, not text.
    package static let binary = LinkFrameFlags(rawValue: 0x04)
    /// Whoever does not know the type skips the frame.
    package static let ignorable = LinkFrameFlags(rawValue: 0x08)
    /// From the side that accepted the stream to the side that opened it.
    package static let output = LinkFrameFlags(rawValue: 0x10)
    /// Kept free for a compressed payload.
    package static let compressed = LinkFrameFlags(rawValue: 0x20)
    /// The message begins with its key, `text8`: the first fragment.
    package static let keyed = LinkFrameFlags(rawValue: 0x40)
    /// Kept free for an authentication code behind the payload.
    package static let authenticated = LinkFrameFlags(rawValue: 0x80)

    /// A whole message in one fragment.
    static let whole: LinkFrameFlags = [.first, .last]
    /// What this version neither sends nor understands.
    static let unsupported: LinkFrameFlags = [.compressed, .authenticated]
}
