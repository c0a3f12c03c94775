import Primitives
import Queues
import Transport
import Wire

/// A client's socket on its way to an object.
struct SocketOffer: Sendable {
    let id: SessionID
    let key: ObjectKey
    let opening: OpeningRequest
    /// An earlier instance has accepted it: the object is not asked again.
    let isAccepted: Bool
    /// The number of the first message that will come, counted from the opening of the session.
    let firstMessage: UInt64
    /// So many of the first ones may have been handled by an instance that is gone.
    let redelivered: UInt64
    /// What that instance has noted.
    let notes: SocketNotes
    /// What `opening` says, where it is at hand.
    var unpacked: UpgradeDestination?

    var request: Request { unpacked?.request ?? opening.request }
}

/// One client's socket at its object: the inner side of `WebSocket`.
///
/// Lives on the object's loop.
final class ObjectSocket: RosterMember {
    enum State {
        /// Not yet accepted by the object.
        case offered
        case open
        /// The object has closed it, and the client's answer is awaited.
        case closing
        /// The client has closed it or is gone: the object may still say with which code it agrees.
        case ended
        case closed
    }

    let id: SessionID
    /// What opened the session, wherever the object was then.
    let opening: OpeningRequest
    private let way: SocketWay
    private var place = RosterPlace()
    /// The order in which the object's sockets came.
    let sequence: UInt64
    var state = State.offered {
        didSet { if state != .open { flow.release(.closed) } }
    }
    private var isEndReported = false

    /// What most sockets have nothing of.
    private struct Rest: Blank {
        /// What other instances have had of the session.
        var firstMessage: UInt64 = 0
        var redelivered: UInt64 = 0
        /// The bytes of the messages that were handled before one that came earlier, by their numbers:
        /// at most `HostSettings.eventsInWorkMax`, and only if the class interleaves.
        var handledAhead: [UInt64: Int] = [:]
    }

    /// The tags do not change once the socket is open.
    private(set) var notes: SocketNotes
    /// How far the client is.
    var flow = SocketFlow()
    /// How many of its messages the object has handled, or refused for good.
    private(set) var handled: UInt64 = 0
    /// Of how many of these the edge was told: without a lease it is not, nor of what they led to.
    private var acknowledged: UInt64 = 0
    /// How many have come.
    private var received: UInt64 = 0
    private var rest = Rare<Rest>()
    /// Nil once the object is done with this socket; each holds the other until then.
    private var object: HostedObject?
    let loop: EventLoop

    init(
        _ offer: SocketOffer,
        path: SocketPath,
        sequence: UInt64,
        object: HostedObject,
        loop: EventLoop
    ) {
        id = offer.id
        opening = offer.opening
        notes = offer.notes
        way = path.near(on: loop).map { .near($0) } ?? .far(path)
        self.sequence = sequence
        self.object = object
        self.loop = loop
        guard offer.firstMessage > 0 || offer.redelivered > 0 else { return }
        rest.value.firstMessage = offer.firstMessage
        rest.value.redelivered = offer.redelivered
    }

    var rosterIndex: Int? {
        get { place.index }
        set { place.index = newValue }
    }

    /// The client's connection, if it is on this very loop.
    private var near: NearAttachment? {
        guard case .near(let attachment) = way else { return nil }
        return attachment
    }

    var path: SocketPath {
        switch way {
        case .near(let attachment): .local(attachment.anywhere(from: loop))
        case .far(let path): path
        }
    }

    /// What the author holds: it does nothing any more once the instance has left memory.
    var handle: WebSocket {
        WebSocket(id: id, socket: LoopBound(self, on: loop), life: life)
    }

    /// The instance that may use it now; zero when there is none.
    var life: UInt32 { object?.life ?? 0 }

    // The clock first: while it is asked no reference has to be counted.
    var isGateOpen: Bool {
        let now = loop.clock
        return object?.live?.gate.isOpen(at: now) == true
    }

    /// Performs an effect of the instance, now or when the node has its lease again.
    private func perform(_ effect: @escaping () -> Void) { object?.live?.perform(effect) }

    // MARK: - What the object does

    /// False when the socket is not open, and nothing is sent.
    ///
    /// A `frame` is the message encoded; with a `key` it may take the place of an earlier one.
    func send(_ message: WebSocketMessage, frame: [UInt8]? = nil, key: String? = nil) -> Bool {
        guard state == .open else { return false }
        flow.send(FrameWriter.byteCount(payloadCount: message.payload.count))
        guard isGateOpen else {
            perform { [self] in deliver(message, frame, key) }
            return true
        }
        deliver(message, frame, key)
        return true
    }

    private func deliver(_ message: WebSocketMessage, _ frame: [UInt8]?, _ key: String?) {
        if frame == nil, case .near(let attachment) = way {
            return attachment.deliver(message, key: key)
        }
        switch path {
        case .local(let session):
            if let frame {
                session.deliver(frame, key: key)
            } else {
                session.deliver(message, key: key)
            }
        case .remote(let lane, let stream): lane.run { $0.send(message, key: key, on: stream) }
        }
    }

    /// Without a code the Close frame has no body.
    func close(code: CloseCode?, reason: String) {
        guard state == .open || state == .ended else { return }
        state = .closing
        guard isGateOpen else {
            perform { [self] in deliverClose(code, reason) }
            return
        }
        deliverClose(code, reason)
    }

    /// The object may not run, and has not been able to for too long: the client may come back.
    ///
    /// It is the node that says so, so it needs no lease for it.
    func closeForRestart() {
        guard state == .open else { return }
        state = .closing
        deliverClose(.serviceRestart, RestartHint.reason(loop))
    }

    private func deliverClose(_ code: CloseCode?, _ reason: String) {
        switch path {
        case .local(let session): session.run { $0.close(code: code, reason: reason) }
        case .remote(let lane, let stream):
            lane.run { $0.close(stream, code: code?.value ?? CloseCode.none, reason: reason) }
        }
    }

    /// The object is about to accept the socket with these tags.
    func accept(tags: SocketTags) throws(SocketNotesError) {
        guard state == .offered else { throw .notOffered }
        notes.tags = tags
    }

    func setAttachment(_ bytes: [UInt8]?) throws(SocketNotesError) {
        try notes.setAttachment(bytes)
        tellAttachment()
    }

    /// The socket is accepted: what was noted on it before goes behind that.
    func tellNotes() {
        if notes.attachment != nil { tellAttachment() }
        if notes.sendPolicy != .close { tell(.sendPolicy(notes.sendPolicy)) }
    }

    /// The object has set something for the socket, all of it at once.
    func tell(_ setting: SocketSetting) {
        notes.set(setting)
        guard state == .open else { return }
        guard isGateOpen else {
            perform { [self] in deliver(setting) }
            return
        }
        deliver(setting)
    }

    private func deliver(_ setting: SocketSetting) {
        switch path {
        case .local(let session): session.run { $0.keep(setting) }
        case .remote(let lane, let stream): lane.run { $0.put(setting, on: stream) }
        }
    }

    /// The socket was brought along, and has been answered.
    func settleAutoResponses() { object?.live?.settleLate(self) }

    /// The edge has the same already.
    func share(_ responses: AutoResponses) { notes.autoResponses = responses }

    /// The edge keeps what is noted on an open socket.
    private func tellAttachment() {
        guard state == .open else { return }
        let attachment = notes.attachment
        guard isGateOpen else {
            perform { [self] in deliver(attachment: attachment) }
            return
        }
        deliver(attachment: attachment)
    }

    private func deliver(attachment: [UInt8]?) {
        switch path {
        case .local(let session): session.run { $0.keep(attachment: attachment) }
        case .remote(let lane, let stream):
            lane.run { $0.putAttachment(attachment, on: stream) }
        }
    }

    /// The object is done with a message: the client may send as much again.
    ///
    /// A message counts once it and all before it are handled. A session that the object has closed
    /// is handed to nobody else, so that there the order is nothing.
    func consumed(_ message: WebSocketMessage) {
        consumed(message.sequence &- rest.value.firstMessage, bytes: message.payload.count)
    }

    private func consumed(_ number: UInt64, bytes: Int) {
        guard state != .closed else { return }
        guard number == handled || state != .open else {
            rest.value.handledAhead[number] = bytes
            return
        }
        count(bytes: bytes)
        while !rest.isBlank, let bytes = rest.value.handledAhead.removeValue(forKey: handled) {
            count(bytes: bytes)
        }
    }

    private func count(bytes: Int) {
        handled += 1
        guard isGateOpen else {
            perform { [self, handled] in tellHandled(through: handled, bytes: bytes) }
            return
        }
        tellHandled(through: handled, bytes: bytes)
    }

    private func tellHandled(through count: UInt64, bytes: Int) {
        acknowledged = count
        if let near { return near.processed(through: count) }
        switch path {
        case .local(let session): session.processed(through: count)
        case .remote(let lane, let stream): lane.run { $0.consumed(bytes, on: stream) }
        }
    }

    // MARK: - Its end

    /// The object knows of the client's end, and all that it had to say before is on its way.
    func finish() {
        guard state != .closed else { return }
        letGo()
        switch path {
        case .local(let session): session.run { $0.objectEnded() }
        case .remote(let lane, let stream): lane.run { $0.answerClose(stream) }
        }
    }

    /// The object goes from this node: the socket's edge looks for its new place.
    ///
    /// So many messages were `inWork`: these may have had their effect.
    func detach(inWork: Int = 0) {
        guard state != .closed else { return }
        letGo()
        let processed = acknowledged
        let ahead = rest.value.handledAhead.count
        let doubtful = inWork + ahead + Int(handled - acknowledged)
        let (isInterrupted, isScattered) = (doubtful > 0, doubtful > 1)
        switch path {
        case .local(let session):
            session.run {
                $0.moved(
                    processed: processed,
                    isInterrupted: isInterrupted,
                    isScattered: isScattered
                )
            }
        case .remote(let lane, let stream):
            lane.run {
                $0.detach(
                    stream,
                    processed: processed,
                    isInterrupted: isInterrupted,
                    isScattered: isScattered
                )
            }
        }
    }

    /// The object will not be asked about it: the answer says what becomes of the client.
    func withdraw() { letGo() }

    private func letGo() {
        state = .closed
        object = nil
    }

    // MARK: - What the edge reports

    /// A client that the object's mailbox has no room for is told so: no message is left out.
    func receive(_ message: consuming WebSocketMessage) {
        let bytes = message.payload.count
        if var path = promptPath, let handling = path.handle(&message) {
            if handling == .settled { tellHandled(through: handled, bytes: bytes) }
            return
        }
        number(&message)
        let number = received
        received += 1
        if state == .open || state == .offered {
            if object?.enqueue(.message(self, message)) == true { return }
            if let object { object.host?.noteFull("inbox_full", object.key) }
            close(code: .tryAgainLater, reason: "the object is overloaded")
        }
        consumed(number, bytes: bytes)
    }

    /// The way of the messages that come now; nil when they have to wait.
    var promptPath: PromptPath? {
        guard state == .open, handled == received, let live = object?.live else { return nil }
        return PromptPath(self, of: live)
    }

    /// Gives the next message its number.
    func number(_ message: inout WebSocketMessage) {
        message.sequence = received
        message.isRedelivered = false
        guard !rest.isBlank else { return }
        message.sequence += rest.value.firstMessage
        message.isRedelivered = received < rest.value.redelivered
    }

    /// The object has handled the next message where it was read.
    ///
    /// Whoever has read it is told later of one that is not settled, and else nothing more.
    func handled(bytes: Int, _ handling: MessageHandling) {
        received += 1
        handled += 1
        switch handling {
        case .settled: acknowledged = handled
        case .unsettled:
            perform { [self, handled] in tellHandled(through: handled, bytes: bytes) }
        }
    }

    /// The client has closed or is gone; what is reported after the first time changes nothing.
    ///
    /// Where the edge only waits for the end of its object, that may be said before this returns.
    func ended(code: UInt16, reason: String, awaitsAnswer: Bool = false) {
        guard state != .closed, !isEndReported, let object else { return }
        isEndReported = true
        let end = ObjectEvent.closed(self, SocketEnd(code: code, reason: reason))
        guard !(awaitsAnswer ? object.handle(end) : object.enqueue(end)) else { return }
        // Nobody is left to be told.
        finish()
    }
}
