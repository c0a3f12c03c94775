import Transport
import Wire

/// A session as one of its owners knows it.
///
/// What comes by it after the session has left this owner is dropped: an owner that was removed
/// from the cluster may not know it yet. Any thread.
struct SessionAttachment: Sendable {
    let session: LoopBound<ClientSession>
    /// Which of the session's owners this is, in the order in which they were asked.
    let number: UInt32

    var loop: EventLoop { session.loop }

    /// Runs `body` on the session's loop, unless the session has another owner by then.
    func run(_ body: @escaping @Sendable (ClientSession) -> Void) {
        let number = number
        session.run { session in
            if session.attachment == number { body(session) }
        }
    }

    /// Hands an encoded message to the client.
    ///
    /// With a `key` it may take the place of an earlier one that waits.
    func deliver(_ frame: [UInt8], key: String? = nil) {
        if session.loop.isCurrent {
            deliverHere(frame, key: key)
        } else {
            let attachment = self
            session.loop.execute { attachment.deliverHere(frame, key: key) }
        }
    }

    /// The same, for a caller on the session's loop.
    func deliverHere(_ frame: [UInt8], key: String? = nil) {
        let session = session.onLoop
        if session.attachment == number { session.deliver(frame, key: key) }
    }

    /// Hands a message to the client, which is encoded only here.
    func deliver(_ message: WebSocketMessage, key: String?) {
        guard session.loop.isCurrent else { return deliver(message.encoded, key: key) }
        let session = session.onLoop
        if session.attachment == number { session.deliver(message, key: key) }
    }

    /// What waits for the client, for a caller on the session's loop; nil for any other.
    var queuedBytesHere: Int? {
        guard session.loop.isCurrent else { return nil }
        let session = session.onLoop
        return session.attachment == number ? session.queuedBytes : 0
    }

    /// What became of the client's request.
    func answered(_ answer: ObjectAnswer) {
        guard session.loop.isCurrent else { return run { $0.answered(answer) } }
        let session = session.onLoop
        if session.attachment == number { session.answered(answer) }
    }

    /// The object has handled so many messages of this attachment.
    func processed(through count: UInt64) {
        guard session.loop.isCurrent else { return run { $0.processed(through: count) } }
        let session = session.onLoop
        if session.attachment == number { session.processed(through: count) }
    }
}

/// The same for an owner on the session's own loop, who need not ask where he is.
struct NearAttachment {
    private let session: ClientSession
    private let number: UInt32

    /// Nil when the session is on another loop than `loop`, on which this is called.
    init?(_ attachment: SessionAttachment, on loop: EventLoop) {
        guard attachment.loop === loop else { return nil }
        session = attachment.session.onLoop
        number = attachment.number
    }

    /// The same for those who have to ask; on `loop`, which is the session's.
    func anywhere(from loop: EventLoop) -> SessionAttachment {
        SessionAttachment(session: LoopBound(session, on: loop), number: number)
    }

    func deliver(_ message: WebSocketMessage, key: String?) {
        if session.attachment == number { session.deliver(message, key: key) }
    }

    func processed(through count: UInt64) {
        if session.attachment == number { session.processed(through: count) }
    }
}
