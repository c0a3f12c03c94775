import Primitives
import Transport
import Wire

/// What one stream of a lane leads to on this node.
enum LaneEndpoint {
    /// A session of this edge, whose object lives at the peer.
    case session(EdgeStream)
    /// A request of this edge to an object at the peer.
    case call(OutgoingCall)
    /// A socket of an object of this node, whose client is connected to the peer.
    case object(LoopBound<SocketInlet>)
    /// A request from the peer, until its body is there.
    case incomingCall(Request, ObjectPlace)
    /// Records of this node for the peer.
    case records(OutgoingRecords)
    /// Records of the peer, until they are there.
    case incomingRecords
    /// A request from the peer that an object of this node has been given.
    case answering(LoopBound<CallTicket>)
    /// What the peer opened under a view that is not known here yet.
    case early(EarlyStream)

    func answered(_ head: [UInt8], _ id: StreamID, _ lane: Lane) {
        guard let head = try? LinkResponseHead(head) else {
            lane.shard.tally.count("bad_stream_head")
            lane.machine.reset(id, code: LinkCode.protocolError)
            lane.endpoints.removeValue(forKey: id)?.lost()
            return
        }
        switch self {
        case .session(let stream): stream.answered(head)
        case .call(let call): call.answered(head)
        case .object, .incomingCall, .answering, .records, .incomingRecords, .early: break
        }
    }

    func received(_ message: WebSocketMessage, key: String? = nil, _ id: StreamID, _ lane: Lane) {
        switch self {
        case .session(let stream):
            let keyBytes = key.map(LinkKey.byteCount) ?? 0
            lane.machine.consumed(id, bytes: keyBytes + message.payload.count)
            stream.received(message, key: key)
        case .call(let call):
            lane.machine.consumed(id, bytes: message.payload.count)
            call.received(message.payload)
        case .object(let inlet): inlet.run { $0.receive(message) }
        case .incomingCall(var request, let place):
            lane.machine.consumed(id, bytes: message.payload.count)
            request.body = message.payload
            lane.answerCall(id, request, place)
        case .incomingRecords: lane.receivedRecords(message.payload, on: id)
        case .records: break  // Whoever takes them has nothing to say but the end.
        case .answering: lane.machine.consumed(id, bytes: message.payload.count)
        case .early(let stream): stream.body = message
        }
    }

    /// What the peer's object has noted on the socket of a session of this edge.
    func keep(attachment: [UInt8]?) {
        switch self {
        case .session(let stream): stream.keep(attachment: attachment)
        case .call, .object, .incomingCall, .answering, .records, .incomingRecords, .early: break
        }
    }

    /// What it has set for that socket.
    func keep(_ setting: SocketSetting) {
        switch self {
        case .session(let stream): stream.keep(setting)
        case .call, .object, .incomingCall, .answering, .records, .incomingRecords, .early: break
        }
    }

    /// What the peer says of the client of a socket of this node.
    func told(_ status: LinkStatus) {
        switch self {
        case .object(let inlet): inlet.run { $0.told(status) }
        case .session, .call, .incomingCall, .answering, .records, .incomingRecords, .early: break
        }
    }

    /// The policy of such a socket has taken messages of these sizes back.
    func dropped(_ messages: [Int]) {
        switch self {
        case .object(let inlet): inlet.run { $0.dropped(messages) }
        case .session, .call, .incomingCall, .answering, .records, .incomingRecords, .early: break
        }
    }

    /// The peer's side has no more to say, and waits for ours.
    func finished(code: UInt16, reason: String) {
        switch self {
        case .session(let stream): stream.closedByObject(code: code, reason: reason)
        case .object(let inlet):
            inlet.run { $0.ended(code: code, reason: reason, awaitsAnswer: true) }
        case .early: break  // Who asks ends nothing before it was answered.
        case .call, .incomingCall, .answering, .records, .incomingRecords: break
        }
    }

    func closed(code: UInt16, reason: String) {
        switch self {
        case .session(let stream): stream.closed()
        case .call(let call): call.closed()
        case .object(let inlet): inlet.run { $0.ended(code: code, reason: reason) }
        case .records(let records): records.closed(code: code)
        case .answering(let ticket): ticket.run { $0.cancel() }
        case .incomingCall, .incomingRecords, .early: break
        }
    }

    /// The peer's object has handled so many messages of a session of this edge.
    func processed(through count: UInt64) {
        switch self {
        case .session(let stream): stream.session.processed(through: count)
        case .call, .object, .incomingCall, .answering, .records, .incomingRecords, .early: break
        }
    }

    /// The peer does not have the object, or not any more.
    func moved(_ moved: LinkMoved) {
        switch self {
        case .session(let stream):
            stream.session.run {
                $0.moved(
                    processed: moved.processed,
                    isInterrupted: moved.isInterrupted,
                    isScattered: moved.isScattered
                )
            }
        case .call(let call): call.call.run { $0.moved(byOwner: true) }
        case .object(let inlet): inlet.run { $0.ended(code: 1006, reason: "") }
        case .records(let records): records.lost()
        case .incomingCall, .incomingRecords, .answering, .early: break
        }
    }

    /// The stream is gone, without a word; nothing could be heard of it since then.
    func lost(since instant: Instant? = nil) {
        switch self {
        case .session(let stream): stream.session.run { $0.detached(since: instant) }
        case .call(let call): call.call.run { $0.lost() }
        case .object(let inlet): inlet.run { $0.ended(code: 1006, reason: "") }
        case .records(let records): records.lost()
        case .answering(let ticket): ticket.run { $0.cancel() }
        case .incomingCall, .incomingRecords, .early: break
        }
    }

    /// There is room again for what the session sends.
    func drained() {
        switch self {
        case .session(let stream): stream.drained()
        case .call, .object, .incomingCall, .answering, .records, .incomingRecords, .early: break
        }
    }
}

/// A stream that a peer with a later view has opened: it waits for that view.
final class EarlyStream {
    let kind: LinkStreamKind
    let head: [UInt8]
    /// The body of a call.
    var body: WebSocketMessage?

    init(kind: LinkStreamKind, head: [UInt8]) {
        self.kind = kind
        self.head = head
    }
}
