package import Primitives
package import Wire

/// One client connection while it speaks HTTP/1.1 (RFC 9112).
///
/// Requests are answered one at a time and in order; what the client sends ahead waits in the
/// parser, and further reading stops meanwhile. Lives on its loop.
package final class HTTPConnection {
    private enum State {
        /// Nothing of the next request has come.
        case idle
        case reading
        /// The request is with the delegate.
        case answering
        case closed
    }

    package let client: SocketAddress?
    private let stream: StreamConnection
    private weak var server: HTTPServer?
    private var parser: HTTPRequestParser
    private var state = State.idle
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isReadingPaused = false
    private var isClosing = false
    /// When the client has taken too long; never, while the delegate has the request.
    private(set) var deadline: Instant

    init(stream: StreamConnection, server: HTTPServer) {
        self.stream = stream
        self.server = server
        client = stream.peer
        parser = HTTPRequestParser(limits: server.limits)
        deadline = server.loop.now.advanced(by: server.timing.requestTime)
        stream.delegate = self
    }

    package var loop: EventLoop { stream.loop }

    /// False once the client is gone: an answer would reach nobody.
    package var isOpen: Bool { state != .closed }

    // MARK: - Answering

    /// Answers the request in work, and goes on with the next.
    package func respond(_ response: HTTPResponseHead, body: [UInt8]) {
        guard state == .answering, let head else { return }
        let writer = HTTPResponseWriter(for: head, keepAlive: !isClosing)
        var output: [UInt8] = []
        writer.write(response, body: body, date: HTTPClock.now, to: &output)
        stream.write(output)
        self.head = nil
        guard writer.keepAlive else {
            end()
            return
        }
        state = .idle
        deadline = loop.now.advanced(by: server?.timing.keepAliveTime ?? .zero)
        if isReadingPaused {
            isReadingPaused = false
            stream.resumeReading()
        }
        advance()
    }

    /// Ends HTTP here: writes `response` as it is and gives the connection away, with the bytes
    /// that the client has sent ahead. The caller becomes the stream's delegate.
    package func upgrade(_ response: [UInt8]) -> (stream: StreamConnection, remainder: [UInt8])? {
        guard state == .answering else { return nil }
        stream.write(response)
        state = .closed
        server?.remove(self)
        if isReadingPaused { stream.resumeReading() }
        return (stream, parser.takeRemainder())
    }

    // MARK: - Ending

    func closeWhenIdle() {
        isClosing = true
        if state == .idle { end() }
    }

    func timedOut() {
        server?.delegate?.dropped(state == .idle ? "keep_alive_ended" : "request_timeout")
        if state == .reading { refuse(.requestTimeout) } else { end() }
    }

    private func end() {
        state = .closed
        stream.close()
        server?.remove(self)
    }

    /// Answers a request that cannot be understood, and closes: what follows cannot be trusted.
    private func refuse(_ status: HTTPStatus) {
        var output: [UInt8] = []
        HTTPResponseWriter.closing.write(
            HTTPResponseHead(status: status),
            body: [],
            date: HTTPClock.now,
            to: &output
        )
        stream.write(output)
        end()
    }
}

extension HTTPConnection: StreamConnectionDelegate {
    package func received(_ bytes: Span<UInt8>) {
        parser.append(bytes)
        guard state != .answering else {
            // The client sends ahead: it is read on after the answer.
            isReadingPaused = true
            stream.pauseReading()
            return
        }
        advance()
    }

    private func advance() {
        do {
            while state == .idle || state == .reading, let event = try parser.next() {
                take(event)
            }
            beginRequestIfNeeded()
        } catch {
            server?.delegate?.refused(error)
            refuse(error.status)
        }
    }

    /// The first byte of a later request starts its clock.
    private func beginRequestIfNeeded() {
        guard state == .idle, !parser.isIdle, let server else { return }
        state = .reading
        deadline = loop.now.advanced(by: server.timing.requestTime)
    }

    private func take(_ event: HTTPRequestParser.Event) {
        switch event {
        case .head(let head):
            self.head = head
            if state == .idle, let server {
                deadline = loop.now.advanced(by: server.timing.requestTime)
            }
            state = .reading
            if head.expectsContinue { stream.write(HTTPResponseWriter.continuing) }
        case .body(let bytes):
            body.append(contentsOf: bytes)
            // Slow is allowed as long as it moves.
            if let server { deadline = loop.now.advanced(by: server.timing.requestTime) }
        case .end: dispatch()
        }
    }

    private func dispatch() {
        guard let head, let delegate = server?.delegate else {
            end()
            return
        }
        state = .answering
        deadline = .distantFuture
        let request = HTTPRequest(head: head, body: body)
        body = []
        delegate.received(request, on: self)
    }

    package func peerEnded() {
        // A client may end its side after its request and still read the answer.
        isClosing = true
        if state != .answering { end() }
    }

    package func outputDrained() {}

    package func ended(_ end: StreamEnd) {
        state = .closed
        server?.remove(self)
    }
}
