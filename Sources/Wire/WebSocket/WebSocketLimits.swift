/// How much a peer may ask of one WebSocket connection.
package struct WebSocketLimits: Equatable, Sendable {
    /// The payload of a control frame, in bytes: fixed by RFC 6455 section 5.5.
    package static let controlBytesMax = 125

    /// The room reserved for a payload of which no byte has come yet, in bytes.
    ///
    /// A peer can hold this much of our memory for the price of one header. Above it, a payload
    /// grows as its bytes arrive.
    static let reservedBytesMax = 16_384

    /// The payload of a whole message, in bytes; 32 MiB by default.
    ///
    /// Refused with 1009 on the header that announces too much. Lower refuses honest uploads;
    /// higher lets one peer hold that much memory while it dawdles.
    package var messageBytesMax = 32 << 20

    /// The frames of one message; 131,072 by default.
    ///
    /// Refused with 1008. Lower refuses clients that stream in small fragments (Autobahn case 9.3.1
    /// sends 65,536 of 64 bytes); higher lets a peer keep a message open with empty frames for
    /// longer, which costs time but no memory.
    package var fragmentCountMax = 131_072

    package init() {}

    package init(messageBytesMax: Int, fragmentCountMax: Int) {
        self.messageBytesMax = messageBytesMax
        self.fragmentCountMax = fragmentCountMax
    }
}
