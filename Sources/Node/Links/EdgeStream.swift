import Primitives
import Transport
import Wire

/// The stream by which a session of this node reaches its object elsewhere.
///
/// Lives on the lane's loop, which need not be the session's.
final class EdgeStream {
    /// What may wait here when the lane takes no more.
    ///
    /// A session that was parked sends all that it has kept, and one that stops reading has read a
    /// little more by then.
    static let backlogBytesMax = 2 << 20

    private enum End {
        /// The client has closed and waits for the object's answer.
        case finish(code: UInt16, reason: String)
        /// The client is gone.
        case close(code: UInt16, reason: String)
    }

    let session: SessionAttachment
    private var lane: Lane?
    private var id = StreamID.lane
    private var backlog: [WebSocketMessage] = []
    private var backlogBytes = 0
    /// Goes out behind the backlog.
    private var end: End?
    /// The object's refusal, until its body is there.
    private var refusal: Response?

    init(_ session: SessionAttachment) { self.session = session }

    func opened(_ id: StreamID, on lane: Lane) {
        self.id = id
        self.lane = lane
    }

    // MARK: - What the session says

    func send(_ message: WebSocketMessage) {
        guard let lane, end == nil else { return }
        if backlog.isEmpty, hand(message, to: lane) { return }
        guard backlogBytes < Self.backlogBytesMax else { return overflow(lane) }
        backlog.append(message)
        backlogBytes += SessionMachine.cost(of: message)
    }

    /// What is with the client now.
    func tell(_ status: LinkStatus) {
        guard let lane else { return }
        lane.machine.tell(id, status)
        lane.mark()
    }

    func finish(code: UInt16, reason: String) { finish(.finish(code: code, reason: reason)) }

    func close(code: UInt16, reason: String) { finish(.close(code: code, reason: reason)) }

    private func finish(_ end: End) {
        guard let lane else { return }
        if backlog.isEmpty { carryOut(end, on: lane) } else { self.end = end }
    }

    private func carryOut(_ end: End, on lane: Lane) {
        switch end {
        case .finish(let code, let reason): lane.machine.finish(id, code: code, reason: reason)
        case .close(let code, let reason):
            lane.endpoints[id] = nil
            lane.machine.close(id, code: code, reason: reason)
            self.lane = nil
        }
        lane.mark()
    }

    /// The session stops reading long before this: what is left is a wedged link.
    private func overflow(_ lane: Lane) {
        lane.shard.tally.count("link_full")
        backlog = []
        carryOut(.close(code: CloseCode.tryAgainLater.value, reason: ""), on: lane)
        session.run { $0.overloaded() }
    }

    // MARK: - What the lane takes

    /// False when the lane has no room now; it will say when it has.
    private func hand(_ message: WebSocketMessage, to lane: Lane) -> Bool {
        let result = lane.machine.send(
            id,
            payload: message.payload,
            isBinary: message.kind == .binary
        )
        switch result {
        case .accepted, .unknownStream: lane.mark()
        case .full: return false
        case .tooLarge: overflow(lane)
        }
        return true
    }

    /// Less waits on the lane than did.
    func drained() {
        guard let lane else { return }
        while let message = backlog.first, hand(message, to: lane) {
            backlogBytes -= SessionMachine.cost(of: message)
            if !backlog.isEmpty { backlog.removeFirst() }
        }
        guard backlog.isEmpty, self.lane != nil else { return }
        if let end { carryOut(end, on: lane) }
    }

    /// The peer is the owner no more: nothing goes there, and nothing is heard from there.
    func abandon() {
        guard let lane else { return }
        self.lane = nil
        lane.endpoints[id] = nil
        lane.machine.reset(id, code: LinkCode.goingAway)
        lane.mark()
    }

    // MARK: - What the peer says

    func answered(_ head: LinkResponseHead) {
        let response = Response(head)
        if head.hasBody {
            refusal = response
        } else {
            session.run { $0.answered(response) }
        }
    }

    func received(_ message: WebSocketMessage, key: String? = nil) {
        if var refusal {
            refusal.body = message.payload
            self.refusal = nil
            session.run { [refusal] in $0.answered(refusal) }
        } else {
            session.deliver(message, key: key)
        }
    }

    func keep(attachment: [UInt8]?) {
        session.run { $0.keep(attachment: attachment) }
    }

    func keep(_ setting: SocketSetting) {
        session.run { $0.keep(setting) }
    }

    /// 1005 stands for a Close without a code.
    func closedByObject(code: UInt16, reason: String) {
        let code = code == CloseCode.none ? nil : CloseCode(code) ?? .internalError
        session.run { $0.close(code: code, reason: reason) }
    }

    /// The object has handled the client's Close, or has ended the session.
    func closed() {
        lane = nil
        session.run { $0.objectEnded() }
    }
}

/// What a lane needs to open a session's stream.
struct SessionOpening: Sendable {
    let head: LinkRequestHead
    let place: ObjectPlace

    init(_ offer: SocketOffer, _ place: ObjectPlace) {
        head = LinkRequestHead(offer, at: place)
        self.place = place
    }
}
