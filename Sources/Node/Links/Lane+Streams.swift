import Placement
import Primitives
import Transport
import Wire

// What sessions, calls and objects of this node do with a lane.
extension Lane {
    /// Opens a stream for a session of this edge.
    func open(_ opening: SessionOpening, for stream: EdgeStream) {
        guard !isFailed else { return stream.session.run { $0.detached() } }
        do {
            let id = try openStream(.session, try opening.head.encoded(), opening.place)
            stream.opened(id, on: self)
            endpoints[id] = .session(stream)
            mark()
        } catch {
            shard.tally.count("stream_refused")
            if let refusal = error.response {
                stream.session.run { $0.answered(refusal) }
            } else {
                stream.session.run { $0.moved(processed: 0, isInterrupted: false) }
            }
        }
    }

    /// Sends a request to its object's owner.
    func call(_ request: Request, at place: ObjectPlace, _ outgoing: OutgoingCall) {
        let call = outgoing.call
        guard !isFailed else { return call.run { $0.moved() } }
        guard request.body.count <= LinkLimits.messageBytesMax else {
            return call.run { $0.finish(.tooLargeForLink) }
        }
        do {
            let head = LinkRequestHead(request, at: place)
            let id = try openStream(.call, try head.encoded(), place)
            endpoints[id] = .call(outgoing)
            outgoing.opened(id, on: self)
            if head.hasBody { _ = machine.send(id, payload: request.body, isBinary: true) }
            mark()
        } catch {
            shard.tally.count("stream_refused")
            if let refusal = error.response {
                call.run { $0.finish(refusal) }
            } else {
                call.run { $0.moved() }
            }
        }
    }

    /// Nobody waits for the answer to a call of this node any more.
    func withdraw(_ id: StreamID) {
        guard endpoints.removeValue(forKey: id) != nil else { return }
        machine.reset(id, code: LinkCode.goingAway)
        mark()
    }

    private func openStream(
        _ kind: LinkStreamKind,
        _ head: [UInt8],
        _ place: ObjectPlace
    ) throws(LinkRefusal) -> StreamID {
        try machine.open(
            kind,
            head: head,
            partition: place.partition.value,
            epoch: UInt32(truncatingIfNeeded: place.epoch.value)
        )
    }

    /// What an object sends to one client of the peer.
    func send(_ message: WebSocketMessage, key: String? = nil, on id: StreamID) {
        let result = machine.send(
            id,
            payload: message.payload,
            isBinary: message.kind == .binary,
            key: key
        )
        switch result {
        case .accepted: mark()
        case .unknownStream: break
        case .full, .tooLarge: overflowed(id)
        }
        if !machine.drops.isEmpty { reportDrops() }
    }

    /// One message to many clients of the peer: it crosses once.
    func multicast(_ message: WebSocketMessage, key: String? = nil, to ids: [StreamID]) {
        let refused = machine.multicast(
            ids,
            payload: message.payload,
            isBinary: message.kind == .binary,
            key: key
        )
        for id in refused { overflowed(id) }
        if !machine.drops.isEmpty { reportDrops() }
        mark()
    }

    private func reportDrops() {
        for drop in machine.takeDrops() {
            shard.tally.count("messages_taken_back", by: UInt64(drop.messages.count))
            endpoints[drop.stream]?.dropped(drop.messages)
        }
    }

    /// What an object has set for one of its sockets, for the edge to keep.
    func put(_ setting: SocketSetting, on id: StreamID) {
        _ = machine.put(id, setting)
        mark()
    }

    /// What an object has noted on one of its sockets, for the edge to keep.
    func putAttachment(_ attachment: [UInt8]?, on id: StreamID) {
        _ = machine.putAttachment(id, attachment)
        mark()
    }

    /// The client does not take what it is sent: the same end as at a local client.
    private func overflowed(_ id: StreamID) {
        shard.tally.count("slow_consumer")
        close(id, code: CloseCode.tryAgainLater.value, reason: "the client reads too slowly")
    }

    /// The object closes one client's socket; the client's answer is still awaited.
    func close(_ id: StreamID, code: UInt16, reason: String) {
        machine.finish(id, code: code, reason: reason)
        mark()
    }

    /// The object has handled the client's Close.
    func answerClose(_ id: StreamID) {
        endpoints[id] = nil
        machine.close(id, code: LinkCode.normal, reason: "")
        mark()
    }

    /// The object leaves this node after it has handled `processed` messages of the stream, and its
    /// client's edge looks for it.
    func detach(
        _ id: StreamID,
        processed: UInt64 = 0,
        isInterrupted: Bool = false,
        isScattered: Bool = false
    ) {
        endpoints[id] = nil
        machine.moved(
            id,
            epoch: shard.routes.view.epoch,
            owner: nil,
            processed: processed,
            isInterrupted: isInterrupted,
            isScattered: isScattered
        )
        mark()
    }

    /// The object has taken one message of `bytes` that came over a stream.
    func consumed(_ bytes: Int, on id: StreamID) {
        machine.consumed(id, bytes: bytes)
        mark()
    }

    // MARK: - What the peer opens

    func opened(_ id: StreamID, _ kind: LinkStreamKind, _ bytes: [UInt8]) {
        guard kind != .records else {
            // They are kept until the view comes that they belong to.
            endpoints[id] = .incomingRecords
            return
        }
        guard let head = try? LinkRequestHead(bytes), let request = Request(head, body: []) else {
            shard.tally.count("bad_stream_head")
            machine.reset(id, code: LinkCode.protocolError)
            return
        }
        guard head.key.className != PathProbe.className else { return answerProbe(id, head.key) }
        let view = shard.routes.view
        let theirs = Epoch(head.epoch)
        guard theirs <= view.epoch else { return keepEarly(id, kind, bytes) }
        guard case .here(let place) = shard.routes.destination(of: head.key) else {
            shard.tally.count(theirs < view.epoch ? "stale_epoch" : "not_owner")
            return detach(id)
        }
        switch kind {
        case .session: openedSession(id, head, request, place)
        case .call where head.hasBody: endpoints[id] = .incomingCall(request, place)
        case .call: answerCall(id, request, place)
        case .records: break
        }
    }

    /// The peer's view is later than this node's: the stream waits for it.
    private func keepEarly(_ id: StreamID, _ kind: LinkStreamKind, _ head: [UInt8]) {
        shard.tally.count("early_epoch")
        guard early.count < Self.earlyMax else { return detach(id) }
        early.append(id)
        endpoints[id] = .early(EarlyStream(kind: kind, head: head))
    }

    /// There is another view: what waited for it is looked at again.
    func routesChanged() {
        let waiting = early
        early = []
        for id in waiting {
            guard case .early(let stream) = endpoints.removeValue(forKey: id) else { continue }
            opened(id, stream.kind, stream.head)
            if let body = stream.body { endpoints[id]?.received(body, id, self) }
        }
    }

    private func openedSession(
        _ id: StreamID,
        _ head: LinkRequestHead,
        _ request: Request,
        _ place: ObjectPlace
    ) {
        let target = shard.shard(of: place.partition)
        let inlet = LoopBound(SocketInlet(), on: target.loop)
        endpoints[id] = .object(inlet)
        machine.setPolicy(id, head.notes.sendPolicy)
        let back = bound
        let offer = SocketOffer(
            id: head.session,
            key: place.key,
            opening: OpeningRequest(request),
            isAccepted: head.resumed,
            firstMessage: head.sequence,
            redelivered: UInt64(head.redelivered),
            notes: head.notes,
            unpacked: UpgradeDestination(key: place.key, request: request)
        )
        target.run { shard in
            let entered = { inlet.onLoop.socket = $0 }
            shard.offer(offer, path: .remote(back, id), entered: entered) { answer in
                back.run { $0.answer(id, answer, endsCall: false) }
            }
        }
    }

    func answerCall(_ id: StreamID, _ request: Request, _ place: ObjectPlace) {
        let back = bound
        let target = shard.shard(of: place.partition)
        let ticket = LoopBound(CallTicket(), on: target.loop)
        endpoints[id] = .answering(ticket)
        var request = request
        request.origin.ticket = ticket
        let asked = request
        target.run { shard in
            shard.fetch(asked, of: place.key) { answer in
                back.run { $0.answer(id, answer, endsCall: true) }
            }
        }
    }

    func answer(_ id: StreamID, _ answer: ObjectAnswer, endsCall: Bool) {
        switch answer {
        case .response(let response): self.answer(id, response, endsCall: endsCall)
        case .moved: detach(id)
        }
    }

    /// Sends an object's response; every one but the acceptance of a session ends the stream.
    private func answer(_ id: StreamID, _ response: Response, endsCall: Bool) {
        if endsCall, endpoints[id] == nil { return }  // Nobody waits for it any more.
        var response = response
        if response.body.count > LinkLimits.messageBytesMax { response = .tooLargeForLink }
        let head = LinkResponseHead(response)
        guard let encoded = try? head.encoded() else {
            shard.tally.count("response_head_too_large")
            machine.reset(id, code: LinkCode.protocolError)
            endpoints.removeValue(forKey: id)?.lost()
            mark()
            return
        }
        _ = machine.answer(id, head: encoded)
        if endsCall || response.status != 101 {
            if head.hasBody { _ = machine.send(id, payload: response.body, isBinary: true) }
            endpoints[id] = nil
            machine.close(id, code: LinkCode.normal, reason: "")
        }
        mark()
    }

    // MARK: - Fan-out at the edge

    /// One message for many clients of this node: encoded once, handed to each loop once.
    func received(_ message: WebSocketMessage, key: String? = nil, for ids: [StreamID]) {
        let frame = message.encoded
        let cost = (key.map(LinkKey.byteCount) ?? 0) + message.payload.count
        var others: [(loop: EventLoop, sessions: [SessionAttachment])] = []
        for id in ids {
            machine.consumed(id, bytes: cost)
            guard case .session(let stream) = endpoints[id] else { continue }
            let session = stream.session
            if session.loop.isCurrent {
                session.deliverHere(frame, key: key)
            } else if let index = others.firstIndex(where: { $0.loop === session.loop }) {
                others[index].sessions.append(session)
            } else {
                others.append((session.loop, [session]))
            }
        }
        for (loop, sessions) in others {
            loop.execute {
                for session in sessions { session.deliverHere(frame, key: key) }
            }
        }
    }
}

extension LinkRefusal {
    /// What the client is told when no other attempt can succeed; nil when one can.
    fileprivate var response: Response? {
        switch self {
        case .headTooLong, .tooManyHeaders:
            .text("the header is too large for the way to the object", status: 431)
                .refusing(.tooLarge)
        case .tooManyStreams, .headsUnacknowledged: nil
        case .notControl, .controlTooLong, .controlQueueFull: .internalError
        }
    }
}

extension Response {
    fileprivate static let tooLargeForLink = Response.text(
        "more than \(LinkLimits.messageBytesMax) bytes do not go from node to node",
        status: 502
    ).refusing(.tooLarge)
}
