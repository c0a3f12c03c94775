import Primitives
import Transport
import Wire

/// One client's WebSocket at its edge: the node that the client is connected to.
///
/// The session outlives its object's stay at any node: when the object has no reachable owner the
/// session is parked, keeps what the client sends within limits, and attaches again. Lives on the
/// loop that accepted the client.
final class ClientSession: RosterMember {
    enum Attachment {
        /// No owner is known or reachable; what the client sends is kept.
        case parked
        /// The owner has been asked and has not answered.
        case opening(SessionLink)
        case attached(SessionLink)
        /// The object needs to know no more of this session.
        case ended
    }

    let id: SessionID
    let key: ObjectKey
    let request: Request
    private let upgrade: WebSocketUpgrade
    unowned let shard: Shard
    var rosterIndex: Int?
    var attachment = Attachment.parked
    /// How often an owner was looked for in vain since the session was last attached.
    var attempts = 0
    /// A timer will look for the owner again.
    var isRetrying = false
    /// True from the first acceptance on: a later owner takes the session over, unasked.
    private(set) var isAccepted = false
    private var http: HTTPConnection?
    private var stream: StreamConnection?
    private var machine: WebSocketMachine
    /// Since when the session has had no object.
    private var parkedSince: Instant
    private var parked: [WebSocketMessage] = []
    private var parkedBytes = 0
    private var inFlight = 0
    private var isReadingPaused = false
    /// Bytes of control frames since the client was last seen to take everything.
    private var controlBytes = 0
    private(set) var clock: SessionClock

    init(
        key: ObjectKey,
        request: Request,
        upgrade: WebSocketUpgrade,
        http: HTTPConnection,
        shard: Shard
    ) {
        id = .random()
        self.key = key
        self.upgrade = upgrade
        self.request = request
        self.http = http
        self.shard = shard
        parkedSince = shard.loop.now
        machine = WebSocketMachine(
            role: .server,
            limits: shard.settings.session.webSocket,
            closeAnswer: .onRequest
        )
        clock = SessionClock(now: shard.loop.now)
    }

    private var settings: SessionSettings { shard.settings.session }
    private var now: Instant { shard.loop.now }
}

// MARK: - What the object's side reports

extension ClientSession {
    /// Bytes of control frames, such as pongs, that may wait for a client that does not read.
    ///
    /// More than one read can ask for, so that a burst of pings hurts nobody who reads.
    static let controlBytesMax = 1 << 20

    /// The object's first answer: 101 opens the WebSocket, anything else refuses it.
    func answered(_ response: Response) {
        guard case .opening(let link) = attachment else { return }
        guard response.status == 101 else {
            attachment = .ended
            refuse(response)
            return
        }
        attachment = .attached(link)
        attempts = 0
        if !isAccepted { openWebSocket() }
        sendParked()
    }

    private func openWebSocket() {
        isAccepted = true
        var response: [UInt8] = []
        upgrade.write(to: &response)
        let taken = http?.upgrade(response)
        http = nil
        guard let (stream, remainder) = taken else {
            lost(code: 1006)
            return
        }
        self.stream = stream
        stream.delegate = self
        if !remainder.isEmpty { received(remainder.span) }
    }

    private func refuse(_ response: Response) {
        if isAccepted {
            close(code: .tryAgainLater, reason: "the object refused the session")
        } else {
            http?.respond(response)
            http = nil
            shard.remove(self)
        }
    }

    /// Queues an encoded message for the client, unless the client is too slow.
    func deliver(_ frame: [UInt8]) {
        guard let stream, machine.canSend else { return }
        guard stream.queuedBytes < settings.sendQueueBytesMax else {
            shard.tally.count("slow_consumer")
            close(code: .tryAgainLater, reason: "the client reads too slowly")
            return
        }
        stream.write(frame)
    }

    /// Begins the close handshake with the client, or ends the one that the client has begun.
    func close(code: CloseCode, reason: String) {
        guard stream != nil else { return }
        var output = ByteWriter()
        guard machine.close(code: code, reason: reason, output: &output) else { return }
        write(output)
        clock.closing(until: now.advanced(by: settings.closeTime))
        // Messages are dropped from now on, and the client's answer must be read.
        readOn()
        if machine.isClosed { stream?.close() }
    }

    /// The object has handled the client's Close, or has ended the session without a word.
    func objectEnded() {
        attachment = .ended
        guard isAccepted else {
            refuse(.text("the object gave no answer", status: 502))
            return
        }
        var output = ByteWriter()
        machine.answerClose(output: &output)
        write(output)
        if machine.isClosed {
            stream?.close()
        } else {
            close(code: .internalError, reason: "the object has ended the session")
        }
    }

    /// Messages of this session that cost as much have been taken: the client may send as many.
    func consumed(cost: Int) {
        inFlight = max(0, inFlight - cost)
        if inFlight <= settings.windowBytes / 2 { readOn() }
    }

    /// The object has left its node, or the way to it is gone: another owner is looked for.
    func detached() {
        if park() { shard.attach(self) }
    }

    /// The node that was asked does not have the object: views differ for a moment.
    func moved() {
        if park() { shard.retryLater(self) }
    }

    /// False when the session needs no other owner.
    private func park() -> Bool {
        switch attachment {
        case .parked: return false
        case .opening: break
        case .attached: parkedSince = now
        case .ended:
            // Nobody else is left to answer the client's Close.
            if machine.owesClose { objectEnded() }
            return false
        }
        inFlight = 0
        readOn()
        attachment = machine.canSend ? .parked : .ended
        return machine.canSend
    }

    /// A message has found no room on its way, so none may follow.
    func overloaded() {
        close(code: .tryAgainLater, reason: "the way to the object is overloaded")
        endObjectSide(code: CloseCode.tryAgainLater.value, reason: "")
    }

    /// What the object's node needs to know of this session.
    func opening(at place: ObjectPlace) -> SessionOpening {
        SessionOpening(
            head: LinkRequestHead(request, at: place, session: id, isResumed: isAccepted),
            place: place
        )
    }
}

// MARK: - What the client sends

extension ClientSession: StreamConnectionDelegate {
    /// What a message takes of the session's window: its bytes, and something for empty ones.
    static func cost(of message: WebSocketMessage) -> Int { message.payload.count + 64 }

    func received(_ bytes: Span<UInt8>) {
        clock.heard(at: now)
        var output = ByteWriter()
        var events: [WebSocketMachine.Event] = []
        machine.receive(bytes, output: &output, events: &events)
        write(output)
        for event in events { take(event) }
    }

    private func take(_ event: WebSocketMachine.Event) {
        switch event {
        case .message(let message): forward(message)
        case .ping: break
        case .pong: clock.ponged(at: now)
        case .closeReceived(let code, let reason):
            endObjectSide(code: code?.value ?? 1005, reason: reason)
        case .failed(let error):
            // What came before the violation is still answered, and then the Close goes out.
            shard.tally.count(error.reason)
            endObjectSide(code: error.closeCode.value, reason: "")
        }
        if machine.isClosed { stream?.close() }
    }

    private func forward(_ message: WebSocketMessage) {
        switch attachment {
        case .attached(let link):
            inFlight += Self.cost(of: message)
            link.send(message)
            pauseReadingIfNeeded()
        case .parked, .opening: keep(message)
        case .ended: break
        }
    }

    private func keep(_ message: WebSocketMessage) {
        parked.append(message)
        parkedBytes += message.payload.count
        guard parked.count > settings.parkedMessagesMax || parkedBytes > settings.parkedBytesMax
        else { return }
        shard.tally.count("parked_too_much")
        closeForRestart()
    }

    private func sendParked() {
        let messages = parked
        parked = []
        parkedBytes = 0
        for message in messages { forward(message) }
    }

    func peerEnded() { lost(code: 1006) }

    func outputDrained() { controlBytes = 0 }

    func ended(_ end: StreamEnd) {
        stream = nil
        lost(code: 1006)
    }

    private func pauseReadingIfNeeded() {
        guard !isReadingPaused, inFlight > settings.windowBytes, machine.canSend else { return }
        isReadingPaused = true
        stream?.pauseReading()
    }

    private func readOn() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        stream?.resumeReading()
    }
}

// MARK: - Ending

extension ClientSession {
    /// There has been no owner for too long: the client may come back after the hint.
    private func closeForRestart() {
        let hint = Int.random(in: 500...5_000)
        if isAccepted {
            close(code: .serviceRestart, reason: "retry=\(hint)")
        } else {
            var response = Response.text("the object has no owner now", status: 503)
            response.headers.set("Retry-After", "\(1 + hint / 1_000)")
            refuse(response)
        }
        endObjectSide(code: CloseCode.serviceRestart.value, reason: "")
    }

    /// The node goes down: the client is told, and the object's side ends.
    func shutDown() {
        guard !isAccepted else {
            close(code: .goingAway, reason: "the node is going down")
            return
        }
        refuse(.text("the node is going down", status: 503))
        endObjectSide(code: CloseCode.goingAway.value, reason: "")
    }

    /// The connection is gone without a Close, or the client took too long.
    private func lost(code: UInt16) {
        endObjectSide(code: code, reason: "")
        stream?.abort()
        stream = nil
        http = nil
        shard.remove(self)
    }

    private func endObjectSide(code: UInt16, reason: String) {
        let last = attachment
        attachment = .ended
        parked = []
        switch last {
        case .opening(let link), .attached(let link):
            clock.closing(until: now.advanced(by: settings.closeTime))
            link.end(code: code, reason: reason, awaitsAnswer: machine.owesClose)
        case .parked:
            if machine.owesClose { objectEnded() }
        case .ended: break
        }
    }

    private func write(_ output: ByteWriter) {
        guard output.count > 0 else { return }
        stream?.write(output.bytes)
        controlBytes += output.count
        // Pongs for a client that pings and never reads would pile up without end.
        guard controlBytes > Self.controlBytesMax, stream != nil else { return }
        shard.tally.count("control_flood")
        lost(code: 1006)
    }

    /// Pings, and gives up on what takes too long.
    ///
    /// Called about once a second.
    func tick(now: Instant) {
        if http?.isOpen == false {
            lost(code: 1006)
            return
        }
        if isAwaitingOwner, now > parkedSince.advanced(by: patience) {
            shard.tally.count("parked_too_long")
            closeForRestart()
        }
        guard stream != nil else { return }
        // Who is not listened to cannot be called silent.
        if isReadingPaused { clock.heard(at: now) }
        switch clock.due(at: now, settings) {
        case .nothing: break
        case .ping:
            var output = ByteWriter()
            machine.sendPing([], output: &output)
            write(output)
        case .unresponsive:
            shard.tally.count("ping_timeout")
            lost(code: 1006)
        case .closeTimeout:
            if machine.owesClose { objectEnded() } else { lost(code: 1006) }
        }
    }

    /// A client that the object has not accepted waits for its answer as long as that takes.
    private var isAwaitingOwner: Bool {
        switch attachment {
        case .parked: true
        case .opening: isAccepted
        case .attached, .ended: false
        }
    }

    private var patience: Duration { isAccepted ? settings.parkedTime : settings.upgradeTime }

    /// True when no owner is known or reachable now.
    var isParked: Bool {
        if case .parked = attachment { true } else { false }
    }
}
