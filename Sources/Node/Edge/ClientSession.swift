import Placement
import Primitives
import Queues
import Transport
import Wire

/// One client's WebSocket at its edge: the node that the client is connected to.
///
/// The session outlives its object's stay at any node: when the object has no reachable owner the
/// session is parked, keeps what the client sends within limits, and attaches again. Lives on the
/// loop that accepted the client.
final class ClientSession: RosterMember {
    let id: SessionID
    let key: ObjectKey
    let opening: OpeningRequest
    /// Nil once the client is answered.
    var pending: PendingUpgrade?
    unowned let shard: Shard
    let home: SessionHome
    private var place = RosterPlace()
    /// Counts the owners that were asked.
    private(set) var attachment: UInt32 = 0
    // Next to each other, because each session is asked each second whether it is at rest.
    var clock: SessionClock
    /// What waits in memory for the client, but for the output of its connection.
    var charge = BufferCharge()
    /// True from the first acceptance on: a later owner takes the session over, unasked.
    private(set) var isAccepted = false
    /// Another node has had the object since the owner was asked, so that owner lets the session
    /// go; its word of that may be on the way still.
    var isOutdated = false
    /// A timer will look for the owner again.
    var isRetrying = false
    /// The object has not handled enough of what was read.
    var isReadingPaused = false
    /// Constant, for it is asked for with every read.
    let limitsMessages: Bool
    /// A timer will take what was read and is too soon.
    var isHeldBack = false
    /// The node goes out of service: the client was told to come back, and may not have heard yet.
    var isSentAway = false
    /// Whether `notes` has some, which is asked with every message.
    private(set) var hasAutoResponses = false
    /// What the client has sent, until it is handled.
    var messages: SessionMachine
    var machine: WebSocketMachine
    var stream: StreamConnection?
    /// What few clients need; nil without any of it.
    private var extras: Extras?
    /// The way to the owner that was asked last.
    private(set) var link: SessionLink?
    private var asked: SessionHome.Owner?
    /// What the object has noted on the socket, for its next owner.
    var notes = SocketNotes() {
        didSet { hasAutoResponses = !notes.autoResponses.pairs.isEmpty }
    }
    /// How far the client is with what the present owner has sent.
    var flow = EdgeFlow()
    /// How often an owner was looked for in vain since the session was last attached.
    var attempts: UInt32 = 0
    /// Where the shard counts this session among those that look for their owner.
    var countedIn: ObjectSlot?
    /// Bytes of control frames since the client was last seen to take everything.
    var controlBytes: UInt32 = 0
    var pace: ClientPace

    init(pending: PendingUpgrade, shard: Shard) {
        id = .random(using: shard.loop.entropy)
        key = pending.destination.key
        self.pending = pending
        opening = OpeningRequest(pending.destination.request)
        self.shard = shard
        home = shard.sessionHome
        let now = home.loop.now
        messages = SessionMachine(sharing: home.limits, now: now)
        machine = WebSocketMachine(
            role: .server,
            limits: home.settings.webSocket,
            closeAnswer: .onRequest
        )
        clock = SessionClock(now: now)
        pace = ClientPace(home.settings, now: now)
        limitsMessages = pace.limitsMessages
    }

    var rosterIndex: Int? {
        get { place.index }
        set { place.index = newValue }
    }

    /// The process that was asked last.
    var owner: NodeRun? { asked?.run }
    var settings: SessionSettings { home.settings }
    var now: Instant { home.loop.now }
    var client: SocketAddress? { opening.client }

    /// True when no owner is known or reachable now.
    var isParked: Bool { messages.state == .parked }

    /// True when nothing of what the client has said waits here for an owner.
    var isAtHome: Bool {
        switch messages.state {
        case .attached, .ended: true
        case .parked, .attaching: !isAccepted
        }
    }

    /// True when `owner`, who has its object now, has yet to be told of this session.
    ///
    /// A former owner that was asked may still accept one that is new.
    func isMissing(at owner: NodeID?) -> Bool {
        switch messages.state {
        case .parked: isAccepted
        case .attaching: isAccepted || isOutdated || self.owner?.id != owner
        case .attached: isOutdated || self.owner?.id != owner
        case .ended: false
        }
    }
}

// MARK: - What few clients need

extension ClientSession {
    private final class Extras {
        var compression: ClientCompression?
        var waiting: WaitingMessages?
        var lastAutoResponse: Instant?
        var early = Deque<WebSocketMachine.Event>()
    }

    private func neededExtras() -> Extras {
        let needed = extras ?? Extras()
        extras = needed
        return needed
    }

    /// Nil when the messages of this client are not compressed.
    private(set) var compression: ClientCompression? {
        get { extras?.compression }
        set { if newValue != nil { neededExtras().compression = newValue } }
    }

    /// What waits for a slow client that has a policy, in front of what its connection has queued;
    /// nil for one without.
    var waiting: WaitingMessages? {
        get { extras?.waiting }
        set { if newValue != nil || extras != nil { neededExtras().waiting = newValue } }
    }

    /// When the client was last answered here.
    var lastAutoResponse: Instant? {
        get { extras?.lastAutoResponse }
        set { neededExtras().lastAutoResponse = newValue }
    }

    /// What was read and is too soon, in order; nil when nothing ever was.
    var early: Deque<WebSocketMachine.Event>? {
        _read { yield extras?.early }
    }

    func keepEarly(_ event: WebSocketMachine.Event) { neededExtras().early.append(event) }

    func takeFirstEarly() { _ = extras?.early.popFirst() }

    func dropEarly() { extras?.early = Deque() }
}

// MARK: - Looking for an owner

extension ClientSession {
    /// `owner` is asked now; what it says comes by the attachment that is returned.
    func ask(_ owner: NodeRun?) -> SessionAttachment {
        attachment &+= 1
        messages.ask()
        isOutdated = false
        asked = owner.map(home.owner)
        return SessionAttachment(session: LoopBound(self, on: shard.loop), number: attachment)
    }

    /// The way by which it is asked.
    func opening(by link: SessionLink) { self.link = link }

    /// What the object's node needs to know of this session.
    var offer: SocketOffer {
        SocketOffer(
            id: id,
            key: key,
            opening: opening,
            isAccepted: isAccepted,
            firstMessage: messages.settled,
            redelivered: UInt64(messages.doubtful),
            notes: notes,
            unpacked: pending?.destination
        )
    }

    func answered(_ answer: ObjectAnswer) {
        switch answer {
        case .response(let response): answered(response)
        case .moved: moved(processed: 0, isInterrupted: false)
        }
    }

    /// The object's first answer: 101 opens the WebSocket, anything else refuses it.
    func answered(_ response: Response) {
        guard messages.state == .attaching else { return }
        guard response.status == 101 else {
            endMessages()
            refuse(response)
            return
        }
        let kept = messages.attached()
        attempts = 0
        for message in kept { link?.send(message) }
        if !isAccepted {
            notes.tags = response.tags
            openWebSocket(response.headers)
        } else {
            restartFlow()
        }
        shard.recount(self)
    }

    /// Accepts the client; a subprotocol among `headers` is told if the client has offered it.
    private func openWebSocket(_ headers: HTTPHeaders) {
        isAccepted = true
        guard let pending else { return }
        self.pending = nil
        let upgrade = pending.handshake
        var response: [UInt8] = []
        let chosen = headers.first("Sec-WebSocket-Protocol")
        let isOffered = chosen.map(upgrade.subprotocols.contains) == true
        compression = shard.compression?.agree(on: upgrade.extensions, tally: &shard.tally)
        upgrade.write(
            subprotocol: isOffered ? chosen : pending.tokenOffer,
            compression: compression?.terms,
            headers: headers,
            to: &response
        )
        guard let (stream, remainder) = pending.http.upgrade(response) else {
            lost(code: 1006)
            return
        }
        self.stream = stream
        stream.delegate = self
        if !remainder.isEmpty { received(remainder.span) }
    }

    func refuse(_ response: Response) {
        if isAccepted {
            close(code: .tryAgainLater, reason: "the object refused the session")
        } else {
            pending?.http.respond(response)
            pending = nil
            shard.remove(self)
        }
    }

    /// The object has left its node in good order, after `processed` messages; the session looks
    /// for its new place.
    func moved(processed: UInt64, isInterrupted: Bool, isScattered: Bool = false) {
        guard mayMove() else { return }
        let wasAttached = messages.state == .attached
        messages.moved(
            processed: processed,
            isInterrupted: isInterrupted,
            isScattered: isScattered,
            now: now
        )
        parked(isOwnerKnown: wasAttached)
    }

    /// The way to the owner is gone, or the owner is no member any more.
    func detached(since instant: Instant? = nil) {
        guard mayMove() else { return }
        link?.abandon()
        messages.lost(now: instant ?? now)
        parked(isOwnerKnown: true)
    }

    /// False when the session needs no other owner.
    private func mayMove() -> Bool {
        switch messages.state {
        case .parked: return false
        case .attaching, .attached: break
        case .ended:
            // Nobody else is left to answer the client's Close.
            if machine.owesClose { objectEnded() }
            return false
        }
        // The client has had its last word, or the session was closed for its sake.
        guard machine.canSend || isSentAway else {
            endMessages()
            return false
        }
        return true
    }

    private func parked(isOwnerKnown: Bool) {
        attachment &+= 1
        link = nil
        asked = nil
        readOn()
        shard.recount(self)
        if isOwnerKnown { shard.attach(self) } else { shard.retryLater(self) }
    }
}

// MARK: - What the object says

extension ClientSession {
    /// Begins the close handshake with the client, or ends the one that the client has begun.
    ///
    /// Without a code the Close frame has no body.
    func close(code: CloseCode?, reason: String) {
        guard stream != nil else { return }
        handOverAll()
        var output = ByteWriter()
        let isClosing = machine.close(
            code: code,
            reason: reason,
            hearingOut: isSentAway,
            output: &output
        )
        guard isClosing else { return }
        write(output)
        clock.closing(until: now.advanced(by: settings.closeTime))
        // Messages are dropped from now on, and the client's answer must be read.
        readOn()
        takeEarlySoon()
        if machine.isClosed { stream?.close(peerHasFinished: machine.hasPeerClosed) }
    }

    /// The object has handled the client's Close, or has ended the session without a word.
    func objectEnded() {
        endMessages()
        guard isAccepted else {
            refuse(.text("the object gave no answer", status: 502))
            return
        }
        handOverAll()
        var output = ByteWriter()
        machine.answerClose(output: &output)
        write(output)
        if machine.isClosed {
            stream?.close(peerHasFinished: machine.hasPeerClosed)
        } else {
            close(code: .internalError, reason: "the object has ended the session")
        }
    }

    /// The object has noted something else on the socket.
    func keep(attachment: [UInt8]?) {
        // Longer than it may be is nothing that an object of this version has set.
        try? notes.setAttachment(attachment)
    }

    /// The object has handled so many messages of this attachment: the client may send more.
    func processed(through count: UInt64) {
        messages.processed(through: count)
        if isReadingPaused, messages.hasRoom { readOn() }
    }

    /// Nothing more goes to the object.
    ///
    /// The way there is let go of, for it holds this session.
    func endMessages() {
        messages.end()
        link = nil
        shard.recount(self)
    }

    /// A message has found no room on its way, so none may follow.
    func overloaded() {
        close(code: .tryAgainLater, reason: "the way to the object is overloaded")
        endObjectSide(code: CloseCode.tryAgainLater.value, reason: "")
    }

    func readOn() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        recharge()
        if !isHeldBack { stream?.resumeReading() }
    }
}
