import Primitives
import Transport
import Wire

/// Who uses a connection; called on its loop.
protocol ClientConnectionUser: AnyObject {
    /// The handshake is done.
    func opened()
    /// Some of a message has come; the bytes are lent for the length of the call.
    func received(
        _ bytes: Span<UInt8>,
        _ kind: WebSocketMessage.Kind,
        endsMessage: Bool,
        at now: Int64
    )
    /// All that was read at once has been given.
    func readEnded(at now: Int64)
    /// Nothing of it is left. Called once, last, and never from inside a call of `open`.
    func ended(_ end: ConnectionEnd, wasOpen: Bool)
}

/// Of who looks at nothing that comes.
extension ClientConnectionUser {
    func received(
        _ bytes: Span<UInt8>,
        _ kind: WebSocketMessage.Kind,
        endsMessage: Bool,
        at now: Int64
    ) {}

    func readEnded(at now: Int64) {}
}

/// One WebSocket of a client, from the first packet to the last.
///
/// It answers pings, and gives payloads as they lie in the loop's buffer. Lives on its loop.
final class ClientConnection {
    /// How long the server may take to accept, to answer the handshake, and to answer a Close.
    static let patience = Duration.seconds(10)
    /// The longest message that may come.
    static let messageBytesMax = 64 << 20
    /// At a fixed rate nothing more is sent while so much waits for the server.
    static let queuedBytesMax = 4 << 20

    private enum State {
        case new
        case upgrading
        case open
        /// A Close was sent, and its answer, or the end, is to come.
        case closing
        case ended
    }

    let number: Int
    private let loop: EventLoop
    private var user: (any ClientConnectionUser)?
    private var state = State.new
    private var stream: StreamConnection?
    private var parser = HTTPResponseParser()
    private var handshake: ClientHandshake?
    private var frames = ServerFrames(messageBytesMax: messageBytesMax)
    private var writer: FrameWriter
    private var timer: TimerID?
    private var wasOpen = false

    init(number: Int, loop: EventLoop) {
        self.number = number
        self.loop = loop
        writer = FrameWriter(role: .client(maskingSeed: UInt64(number)))
    }

    var isOpen: Bool { state == .open }

    /// Bytes that wait for the server to take them.
    var queuedBytes: Int { stream?.queuedBytes ?? 0 }

    /// Connects and asks for a WebSocket, for `user`, who is held until the connection has ended.
    func open(_ place: BenchPlace, _ handshake: ClientHandshake, for user: any ClientConnectionUser)
    {
        self.user = user
        self.handshake = handshake
        let request = handshake.request(to: place.url, number: number)
        let address = place.address
        Connector.connect(to: address, loop: loop, timeout: Self.patience) { [self] result in
            switch result {
            case .success(let stream): connected(stream, request)
            case .failure(let error): finish(.unreachable(error))
            }
        }
    }

    /// Queues a frame that is encoded already; nothing happens unless open.
    func send(_ frame: [UInt8]) {
        guard state == .open else { return }
        stream?.write(frame)
    }

    /// The same for frames of a stock.
    func send(_ batch: MessageStock.Batch) {
        guard state == .open else { return }
        switch batch {
        case .copied(let frames, _): stream?.write(copyOf: frames.span)
        case .shared(let frame): stream?.write(frame)
        }
    }

    /// Begins the closing handshake; `ended` tells when it is over.
    func close() {
        guard state == .open else { return }
        send(.close, ClosePayload(code: .normal).bytes)
        state = .closing
        startTimer(.silent("a Close"))
    }

    private func send(_ opcode: Opcode, _ payload: [UInt8]) {
        var output = ByteWriter()
        writer.write(opcode, payload.span, to: &output)
        stream?.write(output.take())
    }

    private func startTimer(_ end: ConnectionEnd) {
        timer = loop.schedule(after: Self.patience) { [self] in finish(end) }
    }

    private func finish(_ end: ConnectionEnd) {
        guard state != .ended else { return }
        state = .ended
        if let timer { loop.cancel(timer) }
        timer = nil
        stream?.delegate = nil
        stream?.abort()
        stream = nil
        let user = user.take()
        user?.ended(end, wasOpen: wasOpen)
    }
}

// MARK: - The handshake

extension ClientConnection {
    private func connected(_ stream: StreamConnection, _ request: [UInt8]) {
        guard state == .new else { return stream.abort() }
        state = .upgrading
        self.stream = stream
        stream.delegate = self
        do {
            try stream.start()
        } catch {
            return finish(.failed(error))
        }
        stream.write(request)
        startTimer(.silent("the handshake"))
    }

    private func readAnswer(_ bytes: Span<UInt8>) {
        parser.append(bytes)
        do {
            guard case .head(let head)? = try parser.next() else { return }
            if let refusal = handshake?.refusal(in: head) { return finish(refusal) }
        } catch {
            return finish(.badAnswer("no HTTP (\(error))"))
        }
        if let timer { loop.cancel(timer) }
        timer = nil
        handshake = nil
        state = .open
        wasOpen = true
        let rest = parser.takeRemainder()
        parser = HTTPResponseParser()
        user?.opened()
        if !rest.isEmpty { readFrames(rest.span) }
    }
}

// MARK: - Messages

extension ClientConnection {
    private func readFrames(_ bytes: Span<UInt8>) {
        guard let user else { return }
        let now = BootClock.now.nanoseconds
        // In a variable of its own: a property would be locked and unlocked for each message.
        var reader = frames
        var offset = 0
        do {
            while let piece = try reader.next(in: bytes, from: &offset) {
                switch piece {
                case .payload(let range, let endsMessage):
                    let payload = bytes.extracting(range)
                    user.received(payload, reader.kind, endsMessage: endsMessage, at: now)
                case .control(let opcode, let payload): try handle(opcode, payload)
                }
            }
        } catch {
            return finish(.badFrame(error))
        }
        frames = reader
        user.readEnded(at: now)
    }

    private func handle(_ opcode: Opcode, _ payload: [UInt8]) throws(FrameError) {
        switch opcode {
        case .ping where state == .open: send(.pong, payload)
        case .close: receivedClose(try ClosePayload(payload))
        case .ping, .pong, .text, .binary, .continuation: break
        }
    }

    private func receivedClose(_ close: ClosePayload) {
        // After our own Close the server ends the connection; that is awaited, so that this side
        // keeps no port.
        guard state == .open else { return }
        send(.close, ClosePayload(code: close.code).bytes)
        stream?.delegate = nil
        stream?.close()
        stream = nil
        finish(.closed(code: close.code?.value ?? CloseCode.none, reason: close.reason))
    }
}

extension ClientConnection: StreamConnectionDelegate {
    func received(_ bytes: Span<UInt8>) {
        switch state {
        case .upgrading: readAnswer(bytes)
        case .open, .closing: readFrames(bytes)
        case .new, .ended: break
        }
    }

    func peerEnded() { finish(state == .closing ? .closedHere : .cut) }

    func outputDrained() {}

    func ended(_ end: StreamEnd) { finish(ConnectionEnd(end)) }
}
