import Queues

/// One end of a WebSocket connection after the upgrade (RFC 6455): bytes in, events out.
///
/// It reads frames straight from the bytes of one read, answers pings, and does the closing
/// handshake. The only extension is permessage-deflate, of which it knows the framing. After `closeReceived` or `failed`, of which there is
/// at most one, it ignores whatever else the peer sends; when `phase` is `closed` and the output is
/// flushed, the connection is to be closed.
///
/// There is one for each end, and no copy of it: to ask it something costs nothing.
package struct WebSocketMachine: ~Copyable, Sendable {
    /// What the peer has done.
    package enum Event: Equatable, Sendable {
        case message(WebSocketMessage)
        /// A ping that has been answered already.
        case ping([UInt8])
        case pong([UInt8])
        /// The peer's Close; without a code (1005 in other interfaces) the reason is empty.
        case closeReceived(code: CloseCode?, reason: String)
        /// The peer broke the protocol or a limit.
        case failed(FrameError)
    }

    /// How far the closing has come.
    package enum Phase: Equatable, Sendable {
        case open
        /// Our Close is sent, and the peer's is awaited; its messages are dropped unread, unless it
        /// is heard out.
        case closing
        /// The peer has closed, and this Close is owed to it if no other one is sent.
        indirect case answering(ClosePayload)
        /// The peer has failed, and is told so by this Close and no other.
        indirect case refusing(ClosePayload)
        case closed
    }

    /// When the Close that answers a Close or a failure is written.
    package enum CloseAnswer: Equatable, Sendable {
        /// By `receive`, before the caller has even seen the events.
        case immediate
        /// By `answerClose` or `close`, so that replies to earlier messages can go first.
        case onRequest
    }

    package let limits: WebSocketLimits
    package internal(set) var phase = Phase.open
    /// What is half read: nothing, as long as messages come whole.
    var unfinished = Rare<Unfinished>()
    var writer: FrameWriter
    package let closeAnswer: CloseAnswer
    /// What the peer says until its Close counts, though ours has gone out.
    var hearsOut = false
    /// The peer's Close has come: nothing follows from one that keeps to the protocol.
    package internal(set) var hasPeerClosed = false

    package init(
        role: WebSocketRole,
        limits: WebSocketLimits = WebSocketLimits(),
        closeAnswer: CloseAnswer = .immediate
    ) {
        self.limits = limits
        self.closeAnswer = closeAnswer
        writer = FrameWriter(role: role)
    }

    /// What has come in part, and is let go of as soon as it is whole.
    struct Unfinished: Blank, Sendable {
        /// The start of a header whose end has not come.
        var partialHeader: [UInt8] = []
        /// The frame whose payload is coming in.
        var frame: IncomingFrame?
        var message = MessageAssembly()
        var control: [UInt8] = []
    }

    /// A frame whose header has been read and accepted.
    struct IncomingFrame: Sendable {
        let opcode: Opcode
        let isFinal: Bool
        /// For the next byte of the payload.
        var mask: MaskingKey?
        /// The bytes of the payload that have not come.
        var remaining: Int
    }

    /// True when nothing more is to be sent or read.
    package var isClosed: Bool { phase == .closed }

    var isOpen: Bool {
        switch phase {
        case .open: true
        case .closing, .answering, .refusing, .closed: false
        }
    }

    /// True while the peer's messages count.
    var takesMessages: Bool {
        switch phase {
        case .open: true
        case .closing: hearsOut
        case .answering, .refusing, .closed: false
        }
    }

    /// True when the peer has closed or failed and has no answer yet.
    package var owesClose: Bool {
        switch phase {
        case .answering, .refusing: true
        case .open, .closing, .closed: false
        }
    }

    /// Bytes of a message whose end has not come.
    package var bufferedBytes: Int {
        unfinished.isBlank ? 0 : unfinished.value.message.byteCount
    }

    /// True when messages may still be sent: before our Close.
    @inlinable @inline(__always) package var canSend: Bool {
        switch phase {
        case .open, .answering, .refusing: true
        case .closing, .closed: false
        }
    }

    /// True when the peer's bytes still matter: before its Close or failure.
    package var isReceiving: Bool {
        switch phase {
        case .open, .closing: true
        case .answering, .refusing, .closed: false
        }
    }
}

// What is half read.
extension WebSocketMachine {
    var partialHeader: [UInt8] {
        get { unfinished.isBlank ? [] : unfinished.value.partialHeader }
        _modify { yield &unfinished.value.partialHeader }
    }

    var frame: IncomingFrame? {
        get { unfinished.isBlank ? nil : unfinished.value.frame }
        set { unfinished.value.frame = newValue }
    }

    var message: MessageAssembly {
        get { unfinished.isBlank ? MessageAssembly() : unfinished.value.message }
        _modify { yield &unfinished.value.message }
    }

    var control: [UInt8] {
        get { unfinished.isBlank ? [] : unfinished.value.control }
        _modify { yield &unfinished.value.control }
    }

    /// Takes no memory any more when nothing is half read.
    mutating func letGoOfFinished() {
        if frame == nil, !message.isOpen { unfinished.clear() }
    }
}
