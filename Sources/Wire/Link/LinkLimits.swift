import Primitives

/// The limits of the link that both ends must share, so no setting changes them.
package enum LinkLimits {
    /// The payload of a frame that belongs to a stream: larger messages go in fragments, so that
    /// nobody waits behind more than one.
    package static let fragmentBytesMax = 65_536
    /// The payload of a control frame.
    package static let controlBytesMax = 1 << 20
    /// The head of a session or a call, and the head of its answer.
    package static let headBytesMax = 65_536
    /// One message.
    package static let messageBytesMax = 32 << 20
    /// What a message costs in credit beside its bytes, so that empty ones are bounded too.
    package static let messageOverhead = 16
    /// Attachments of one stream that are written and not acknowledged.
    ///
    /// They need no credit; the next one waits, and with it what is behind it.
    package static let attachmentsInFlightMax = 16
    /// The start window that a peer may announce.
    package static let windowBytes = 4 << 10...4 << 20
    /// Streams in one MULTICAST frame; a longer list is split.
    package static let multicastStreamsMax = 16_000
    /// Data connections of one pair of nodes; lane 0, the control connection, is one more.
    package static let dataLanesMax: UInt8 = 8
    /// The reason of a close, as in RFC 6455 section 5.5.
    package static let reasonBytesMax = 123
    /// The text of a GOAWAY.
    package static let goAwayTextBytesMax = 1_024
    /// All that a peer may send before it has proved that it knows the secret.
    package static let handshakeBytesMax = 1_024
    /// How long the driver waits for the end of the handshake.
    package static let handshakeTimeout: Duration = .seconds(3)
    /// What a stream may write before it is the turn of the next.
    package static let quantumBytes = 16 << 10
}

/// What an operator may change about a lane.
///
/// A pair of nodes works with different settings at its ends.
package struct LinkSettings: Equatable, Sendable {
    /// Streams of a lane, both sides together (default 131,072); an idle one takes about 400 bytes.
    package var streamsMax = 131_072
    /// Bytes that the peer may send on a stream before the consumer took any (default 256 KiB).
    ///
    /// Larger is quicker on long ways, smaller bounds the memory of many streams. Clamped to
    /// `LinkLimits.windowBytes`.
    package var windowBytes = 256 << 10
    /// A message is taken for sending while fewer bytes than this wait on its stream (1 MiB).
    package var queuedBytesMax = 1 << 20
    /// Heads of opened streams that the peer has not acknowledged, in bytes (default 64 MiB).
    package var unacknowledgedHeadBytesMax = 64 << 20
    /// Bytes for messages larger than the window that are on their way in (default 128 MiB).
    ///
    /// Each waits its turn until there is room for the whole of it; at least one always fits.
    package var largeMessagePoolBytes = 128 << 20
    /// Multicasts that wait to be written (default 16,384); then streams take them one by one.
    package var multicastsMax = 16_384
    /// Control messages that wait to be written, in number (default 4,096).
    package var controlMessagesMax = 4_096
    /// Control messages that wait to be written, in bytes (default 8 MiB).
    package var controlQueuedBytesMax = 8 << 20
    /// A peer hears something about this often on the control connection (default 250 ms): a quarter
    /// later at the most.
    package var heartbeatInterval: Duration = .milliseconds(250)
    /// A heartbeat that is due so soon goes out with another one: a loop wakes once for several lanes.
    ///
    /// And so much longer waits the end that has sent the last one, for it is the other's turn.
    package var heartbeatHaste: Duration { heartbeatInterval / 4 }
    /// A peer that was silent for this long is not there any more (default 1.5 s).
    package var silenceTimeout: Duration = .milliseconds(1_500)
    /// A stream with data and without credit for this long is reset (default 30 s).
    package var stallTimeout: Duration = .seconds(30)
    /// How long a received message waits for others to be acknowledged with (default 25 ms).
    package var acknowledgementDelay: Duration = .milliseconds(25)

    package init() {}

    /// The same for one connection of a pair.
    ///
    /// The control connection, lane 0, tells soon that a peer is gone or that its clock stood still. A
    /// data connection says only what keeps it from being taken for silent, in a third of that time or a
    /// quarter of this third later.
    package func on(lane number: Int) -> LinkSettings {
        var settings = self
        if number > 0 { settings.heartbeatInterval = max(heartbeatInterval, silenceTimeout / 3) }
        return settings
    }
}
