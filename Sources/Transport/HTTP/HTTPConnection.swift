package import Primitives
package import Wire

/// One client connection while it speaks HTTP/1.1 (RFC 9112).
///
/// Requests are answered one at a time and in order; what the client sends ahead waits in the
/// parser, and further reading stops meanwhile. The server holds the connection until it ends or
/// is upgraded. Lives on its loop.
package final class HTTPConnection {
    /// Bytes of answers that may wait for a slow client before its next request is looked at.
    package static let queuedBytesMax = 256 * 1_024

    /// What a connection that closes must have left for the server to remember it.
    static let lingeringBytesMin = 64 * 1_024

    private enum State {
        /// Nothing of the next request has come.
        case idle
        case reading
        /// The request is with the delegate.
        case answering
        case closed
    }

    package let client: SocketAddress?
    /// Tells it from the others of its server.
    let number: UInt64
    private let stream: StreamConnection
    private weak var server: HTTPServer?
    private var parser: HTTPRequestParser
    private var state = State.idle
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var bodyBegan = Instant.zero
    private var dispatchedAt = Instant.zero
    /// Bytes of a body that the delegate has.
    private var handedBytes = 0
    private var charge = BufferCharge()
    private var isReadingPaused = false
    /// A loop over the requests at hand is under way.
    private var isAdvancing = false
    private var isFirstRequest = true
    private var hasPeerEnded = false
    private var isClosing = false
    /// When the client has taken too long; never, while the delegate has the request.
    private(set) var deadline: Instant

    init(
        stream: StreamConnection,
        client: SocketAddress?,
        server: HTTPServer,
        number: UInt64
    ) {
        self.number = number
        self.stream = stream
        self.server = server
        self.client = client
        parser = HTTPRequestParser(limits: server.limits)
        deadline = server.loop.now.advanced(by: server.timing.requestTime)
        stream.delegate = self
    }

    package var loop: EventLoop { stream.loop }

    /// What was given with the connection.
    package var lease: AnyObject? { stream.lease }

    /// False once the client is gone: an answer would reach nobody.
    package var isOpen: Bool { state != .closed }

    // MARK: - Answering

    /// Answers the request in work, and goes on with the next.
    package func respond(_ response: HTTPResponseHead, body: [UInt8]) {
        guard state == .answering, let head else { return }
        server?.answerTimes.record(dispatchedAt.duration(to: loop.clock))
        let isLast = isClosing || hasPeerEnded && parser.isIdle
        let writer = HTTPResponseWriter(for: head, keepAlive: !isLast)
        var output: [UInt8] = []
        let date = HTTPClock.text(loop.wallTime)
        let hasBody = writer.writeHead(response, bodyBytes: body.count, date: date, to: &output)
        stream.write(output)
        // By itself, for no copy is made of a large one.
        if hasBody { stream.write(body) }
        self.head = nil
        handedBytes = 0
        guard writer.keepAlive else {
            end()
            return
        }
        state = .idle
        isFirstRequest = false
        deadline = loop.now.advanced(by: server?.timing.keepAliveTime ?? .zero)
        advance()
    }

    /// Ends HTTP here: writes `response` as it is and gives the connection away, with the bytes
    /// that the client has sent ahead.
    ///
    /// The caller becomes the stream's delegate. Nil when the client is gone, or has ended its side
    /// and can never speak the other protocol.
    package func upgrade(_ response: [UInt8]) -> (stream: StreamConnection, remainder: [UInt8])? {
        guard state == .answering else { return nil }
        guard stream.isOpen, !hasPeerEnded else {
            end()
            return nil
        }
        stream.write(response)
        stream.delegate = nil
        leave()
        if isReadingPaused { stream.resumeReading() }
        return (stream, parser.takeRemainder())
    }

    // MARK: - Ending

    func closeWhenIdle() {
        isClosing = true
        if state == .idle { end() }
    }

    func timedOut() {
        let isBetweenRequests = state == .idle && !isFirstRequest
        server?.delegate?.dropped(
            isBetweenRequests ? .keepAliveEnded : .requestTimeout,
            from: client
        )
        if state == .reading { refuse(.requestTimeout) } else { end() }
    }

    private func end() {
        stream.close()
        // It goes on without this: a slow client's last bytes need no more of it.
        stream.delegate = nil
        if stream.queuedBytes > Self.lingeringBytesMin { server?.keep(stream) }
        leave()
    }

    /// The server has nothing to do with it any more.
    private func leave() {
        state = .closed
        body = []
        recharge()
        server?.remove(self)
    }

    /// What waits in memory for this client.
    package var heldBytes: Int { charge.bytes + stream.chargedBytes }

    /// Adds that to `total`.
    package func count(into total: inout SharedByteCount) {
        total.add(own: charge.bytes)
        stream.count(into: &total)
    }

    /// Gives up what waits for this client, as far as it is this connection's to give: its request is
    /// refused, or the answers that it does not read are cut off.
    ///
    /// False when the delegate has all of it.
    package func shed(_ refusal: HTTPRefusal) -> Bool {
        switch state {
        case .reading: refuse(refusal)
        case .idle, .answering:
            guard stream.chargedBytes > 0 else { return false }
            stream.abort()
            leave()
        case .closed: return false
        }
        return true
    }

    private func recharge() {
        let waiting = state == .closed ? 0 : parser.bufferedBytes + body.count + handedBytes
        charge.set(waiting, on: stream.account)
    }

    /// Answers a request that cannot be understood, and closes: what follows cannot be trusted.
    private func refuse(_ status: HTTPStatus) {
        refuse(HTTPRefusal(head: HTTPResponseHead(status: status), body: []))
    }

    private func refuse(_ refusal: HTTPRefusal) {
        var output: [UInt8] = []
        HTTPResponseWriter.closing.write(
            refusal.head,
            body: refusal.body,
            date: HTTPClock.text(loop.wallTime),
            to: &output
        )
        stream.write(output)
        end()
    }
}

// MARK: - Requests

extension HTTPConnection {
    /// The next request may be looked at.
    private var isReady: Bool {
        switch state {
        case .idle, .reading: stream.queuedBytes <= Self.queuedBytesMax
        case .answering, .closed: false
        }
    }

    /// Takes the requests that are at hand, as far as they may be.
    ///
    /// An answer that is given at once comes back here: the loop under way goes on with the next,
    /// so a client that sends ten thousand requests in one piece does not grow the stack.
    private func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer {
            isAdvancing = false
            recharge()
        }
        do {
            while isReady, let event = try parser.next() { take(event) }
        } catch {
            server?.delegate?.refused(error, from: client)
            refuse(error.status)
        }
        guard isReady else { return }
        if hasPeerEnded {
            end()
        } else {
            startClockIfNeeded()
            resumeReading()
        }
    }

    private func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        stream.resumeReading()
    }

    private func take(_ event: HTTPRequestParser.Event) {
        switch event {
        case .head(let head):
            self.head = head
            startClockIfNeeded()
            state = .reading
            bodyBegan = loop.now
            let hasBody = head.isChunked || head.contentLength ?? 0 > 0
            if hasBody, let refusal = server?.delegate?.refusal(of: head, on: self) {
                return refuse(refusal)
            }
            if head.expectsContinue { stream.write(HTTPResponseWriter.continuing) }
        case .body(let bytes): take(body: bytes)
        case .end: dispatch()
        }
    }

    private func take(body bytes: [UInt8]) {
        // What is announced is within the limit: more would have been refused with the head.
        let limit = head?.contentLength ?? server?.limits.bodyBytesMax ?? 0
        body.makeRoom(for: bytes.count, limit: limit)
        body.append(contentsOf: bytes)
        // Slow is allowed as long as it moves.
        deadline = bodyDeadline
    }

    /// The first byte of a later request starts its clock; that of the first one runs since the
    /// client came.
    private func startClockIfNeeded() {
        guard state == .idle, !parser.isIdle else { return }
        state = .reading
        if !isFirstRequest { startClock() }
    }

    private func startClock() {
        guard let server else { return }
        deadline = loop.now.advanced(by: server.timing.requestTime)
    }

    /// A piece may take its time, and all of the body as much as `bodyRateMin` allows.
    private var bodyDeadline: Instant {
        guard let timing = server?.timing else { return deadline }
        let whole = timing.requestTime + .seconds(body.count) / timing.bodyRateMin
        return min(loop.now.advanced(by: timing.requestTime), bodyBegan.advanced(by: whole))
    }

    private func dispatch() {
        guard let head, let delegate = server?.delegate else {
            end()
            return
        }
        state = .answering
        deadline = .distantFuture
        dispatchedAt = loop.clock
        let request = HTTPRequest(head: head, body: body)
        handedBytes = body.count
        body = []
        delegate.received(request, on: self)
    }
}

extension HTTPConnection: StreamConnectionDelegate {
    package func received(_ bytes: Span<UInt8>) {
        parser.append(bytes)
        guard isReady else {
            // The client sends ahead: it is read on after the answer.
            isReadingPaused = true
            stream.pauseReading()
            recharge()
            return
        }
        advance()
    }

    /// A client may end its side after its requests and still read the answers.
    package func peerEnded() {
        hasPeerEnded = true
        advance()
    }

    package func outputDrained() { advance() }

    package func ended(_ end: StreamEnd) { leave() }
}
