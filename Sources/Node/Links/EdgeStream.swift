import Primitives
import Transport
import Wire

/// The stream by which a session of this node reaches its object elsewhere.
///
/// Lives on the lane's loop, which need not be the session's.
final class EdgeStream {
    /// With no more than this waiting on the lane a session may send on.
    static let shortQueueBytes = 512 << 10

    let session: LoopBound<ClientSession>
    private var lane: Lane?
    private var id = StreamID.lane
    /// The object's refusal, until its body is there.
    private var refusal: Response?
    /// What of the session's window is still to be given back.
    private var owed = 0

    init(session: LoopBound<ClientSession>) { self.session = session }

    func opened(_ id: StreamID, on lane: Lane) {
        self.id = id
        self.lane = lane
    }

    func send(_ message: WebSocketMessage) {
        guard let lane else { return }
        let result = lane.machine.send(
            id,
            payload: message.payload,
            isBinary: message.kind == .binary
        )
        switch result {
        case .accepted, .unknownStream:
            owed += ClientSession.cost(of: message)
            lane.mark()
            giveBackIfShort(lane)
        case .full, .tooLarge:
            // The session stops reading long before this; what is left is a wedged link.
            session.run { $0.overloaded() }
            close(code: CloseCode.tryAgainLater.value, reason: "")
        }
    }

    /// Less waits on the lane than did: the client may send on.
    func drained() {
        if let lane { giveBackIfShort(lane) }
    }

    /// Lets the session read on while little of it waits, else asks to be told.
    private func giveBackIfShort(_ lane: Lane) {
        guard owed > 0 else { return }
        guard lane.machine.queuedBytes(of: id) <= Self.shortQueueBytes else {
            lane.machine.notifyWhenDrained(id)
            return
        }
        let cost = owed
        owed = 0
        session.run { $0.consumed(cost: cost) }
    }

    /// The client has closed and waits for the object's answer.
    func finish(code: UInt16, reason: String) {
        lane?.machine.finish(id, code: code, reason: reason)
        lane?.mark()
    }

    /// The client is gone.
    func close(code: UInt16, reason: String) {
        lane?.endpoints[id] = nil
        lane?.machine.close(id, code: code, reason: reason)
        lane?.mark()
        lane = nil
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

    func received(_ message: WebSocketMessage) {
        if var refusal {
            refusal.body = message.payload
            self.refusal = nil
            session.run { [refusal] in $0.answered(refusal) }
        } else if session.loop.isCurrent {
            session.onLoop.deliver(message.encoded)
        } else {
            session.execute { $0.deliver(message.encoded) }
        }
    }

    func closedByObject(code: UInt16, reason: String) {
        session.run { $0.close(code: CloseCode(code) ?? .internalError, reason: reason) }
    }

    /// The object has handled the client's Close, or has ended the session.
    func closed() {
        lane = nil
        session.run { $0.objectEnded() }
    }
}

/// A request of this node to an object elsewhere, until the response is whole.
///
/// Lives on the lane's loop.
final class OutgoingCall {
    let call: LoopBound<EdgeCall>
    private var response: Response?

    init(_ call: LoopBound<EdgeCall>) { self.call = call }

    func answered(_ head: LinkResponseHead) {
        let response = Response(head)
        if head.hasBody {
            self.response = response
        } else {
            call.run { $0.finish(response) }
        }
    }

    func received(_ body: [UInt8]) {
        guard var response else { return }
        response.body = body
        call.run { [response] in $0.finish(response) }
    }

    /// The stream has ended: if the response was not whole by then, it never will be.
    func closed() { call.run { $0.lost() } }
}

/// What a lane needs to open a session's stream.
struct SessionOpening: Sendable {
    let head: LinkRequestHead
    let place: ObjectPlace
}
