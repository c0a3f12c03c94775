import Placement
import Primitives
import Transport

// How sessions find their objects.
extension Shard {
    /// Looks for the owner of a parked session's object, now and again until it is found.
    func attach(_ session: ClientSession) {
        guard session.isParked, !isClosing else { return }
        switch routes.destination(of: session.key) {
        case .here(let place): attachHere(session, place)
        case .elsewhere(let node, let place):
            guard let lane = lane(to: node, for: place.partition) else {
                retryLater(session)
                return
            }
            let attachment = session.ask(routes.run(of: node))
            let stream = LoopBound(EdgeStream(attachment), on: lane.loop)
            session.opening(by: .remote(stream))
            let opening = SessionOpening(session.offer, place)
            lane.run { $0.open(opening, for: stream.onLoop) }
        case .nowhere: retryLater(session)
        case .unknownClass:
            guard !session.isAccepted else { return retryLater(session) }
            session.endMessages()
            session.refuse(unknownClass(of: session.key))
        }
    }

    /// The answer to whoever asks for an object of a class that no node runs.
    func unknownClass(of key: ObjectKey) -> Response {
        ActivationRefusal.unknownClass(key.className, known: registry.names).response
    }

    private func attachHere(_ session: ClientSession, _ place: ObjectPlace) {
        let target = shard(of: place.partition)
        let attachment = session.ask(routes.run(of: routes.node))
        let offer = session.offer
        let reply: @Sendable (ObjectAnswer) -> Void = { attachment.answered($0) }
        guard target.loop !== loop else {
            let entered = { session.opening(by: .near($0)) }
            return self.offer(
                offer,
                path: .local(attachment),
                at: registry[session.key.className] == nil ? nil : place,
                entered: entered,
                reply: reply
            )
        }
        let inlet = LoopBound(SocketInlet(), on: target.loop)
        session.opening(by: .local(inlet))
        target.execute { shard in
            let entered = { inlet.onLoop.socket = $0 }
            shard.offer(offer, path: .local(attachment), entered: entered, reply: reply)
        }
    }

    /// Waits a little, longer each time, so that a cluster in motion is not hammered.
    func retryLater(_ session: ClientSession) {
        session.attempts += 1
        guard !session.isRetrying else { return }
        session.isRetrying = true
        loop.schedule(after: RetryDelay.after(attempts: Int(session.attempts))) { [weak session] in
            guard let session else { return }
            session.isRetrying = false
            session.shard.attach(session)
        }
    }
}

// What this shard's objects are asked, from any loop of the node and from other nodes.
extension Shard {
    /// Offers a client's socket to an object of this shard.
    ///
    /// `entered` gets the socket that takes its events, unless there is none. `reply` is called once,
    /// and behind that. Placements reach the loops one after the other, so it is this loop that says
    /// whether the object is the node's, and at which `place`, unless it is asked by itself.
    func offer(
        _ offer: SocketOffer,
        path: SocketPath,
        at place: ObjectPlace? = nil,
        entered: (ObjectSocket) -> Void,
        reply: @escaping (ObjectAnswer) -> Void
    ) {
        guard let place = place ?? ownPlace(of: offer.key) else { return reply(.moved) }
        guard offer.isAccepted else {
            return host.open(offer, path: path, at: place, entered: entered, reply: reply)
        }
        switch host.attach(offer, path: path, at: place) {
        case .success(let socket):
            entered(socket)
            reply(.response(.upgrade))
            socket.settleAutoResponses()
        case .failure(let refusal): reply(.response(refusal.response))
        }
    }

    /// Hands a request to an object of this shard; `reply` is called once.
    func fetch(
        _ request: Request,
        of key: ObjectKey,
        reply: @escaping (ObjectAnswer) -> Void
    ) {
        guard let place = ownPlace(of: key) else { return reply(.moved) }
        host.fetch(request, of: place, reply: reply)
    }

    /// Nil when the object is not this process's: the view may still speak of a former run of this
    /// node, which had other classes.
    private func ownPlace(of key: ObjectKey) -> ObjectPlace? {
        guard registry[key.className] != nil, case .here(let place) = routes.destination(of: key)
        else { return nil }
        return place
    }
}
