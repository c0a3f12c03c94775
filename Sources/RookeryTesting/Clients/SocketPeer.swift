import Primitives
import Transport
import Wire

/// The inner side of a `TestWebSocket`: speaks HTTP and then frames.
///
/// Lives on the loop of the clients.
final class SocketPeer {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private let record: SocketRecord
    private let loop: EventLoop
    private let request: [UInt8]
    private var stream: StreamConnection?
    private var parser: HTTPResponseParser? = HTTPResponseParser()
    private var answer: HTTPResponseHead?
    private var body: [UInt8] = []
    private var machine: WebSocketMachine

    init(
        _ record: SocketRecord,
        target: String,
        headers: [(name: String, value: String)],
        on loop: EventLoop
    ) {
        self.record = record
        self.loop = loop
        let own = [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", Self.key),
        ]
        request = RequestText.bytes("GET", target, own + headers, body: nil)
        machine = WebSocketMachine(role: .client(maskingSeed: loop.entropy.next()))
    }

    private var age: Duration { WorldState.beginning.duration(to: loop.now) }

    func connect(to address: SocketAddress) {
        Connector.connect(to: address, loop: loop, timeout: .seconds(10)) { [self] result in
            switch result {
            case .success(let stream): begin(stream)
            case .failure(let error): record.become(.failed("\(error)"))
            }
        }
    }

    private func begin(_ stream: StreamConnection) {
        guard record.isConnecting, (try? stream.start()) != nil else { return stream.abort() }
        self.stream = stream
        stream.delegate = self
        stream.write(request)
    }

    // MARK: - What the test does

    func send(_ message: WebSocketMessage) {
        var output = ByteWriter()
        machine.send(message, output: &output)
        stream?.write(output.bytes)
        record.sent(message, at: age)
    }

    /// Bytes that need not be frames.
    func send(raw bytes: [UInt8]) { stream?.write(bytes) }

    func close(code: UInt16, reason: String) {
        var output = ByteWriter()
        machine.close(code: CloseCode(code), reason: reason, output: &output)
        stream?.write(output.bytes)
    }

    /// Is gone without a Close.
    func vanish() {
        stream?.delegate = nil
        stream?.abort()
        stream = nil
        record.become(.closed(code: 1006, reason: ""))
    }

    func pauseReading() { stream?.pauseReading() }

    func resumeReading() { stream?.resumeReading() }

    // MARK: - What the node says

    private func readAnswer(_ bytes: Span<UInt8>) {
        guard var parser else { return }
        parser.append(bytes)
        self.parser = parser
        do {
            while let event = try self.parser?.next() {
                switch event {
                case .head(let head):
                    answer = head
                    if head.status == .switchingProtocols { return open() }
                case .body(let piece): body += piece
                case .end: return refused()
                }
            }
        } catch {
            record.become(.failed("\(error)"))
            stream?.abort()
        }
    }

    private func open() {
        guard
            answer?.headers.first("Sec-WebSocket-Accept") == WebSocketUpgrade.accept(key: Self.key)
        else {
            record.become(.failed("the answer is to another request"))
            stream?.abort()
            return
        }
        record.become(.open)
        let remainder = parser?.takeRemainder() ?? []
        parser = nil
        if !remainder.isEmpty { readFrames(remainder.span) }
    }

    private func refused() {
        let text = String(decoding: body, as: UTF8.self)
        record.become(.refused(status: Int(answer?.status.code ?? 0), body: text))
        stream?.close()
    }

    private func readFrames(_ bytes: Span<UInt8>) {
        var output = ByteWriter()
        var events: [WebSocketMachine.Event] = []
        machine.receive(bytes, output: &output, events: &events)
        stream?.write(output.bytes)
        for event in events {
            switch event {
            case .message(let message): record.received(message, at: age)
            case .ping, .pong: break
            case .closeReceived(let code, let reason):
                record.become(.closed(code: code?.value ?? 1005, reason: reason))
            case .failed(let error): record.become(.failed("\(error)"))
            }
        }
        if machine.isClosed { stream?.close() }
    }
}

extension SocketPeer: StreamConnectionDelegate {
    func received(_ bytes: Span<UInt8>) {
        if parser == nil { readFrames(bytes) } else { readAnswer(bytes) }
    }

    func peerEnded() { stream?.close() }

    func outputDrained() {}

    func ended(_ end: StreamEnd) {
        stream = nil
        let isOpen = parser == nil
        record.become(isOpen ? .closed(code: 1006, reason: "") : .failed("\(end)"))
    }
}
