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
        let inlet = LoopBound(SocketInlet(), on: target.loop)
        let attachment = session.ask(routes.run(of: routes.node))
        session.opening(by: SessionLink(inlet, for: loop))
        let offer = session.offer
        target.run { shard in
            shard.offer(offer, path: .local(attachment), inlet: inlet.onLoop) { answer in
                attachment.run { session in
                    switch answer {
                    case .response(let response): session.answered(response)
                    case .moved: session.moved(processed: 0, isInterrupted: false)
                    }
                }
            }
        }
    }

    /// Waits a little, longer each time, so that a cluster in motion is not hammered.
    func retryLater(_ session: ClientSession) {
        session.attempts += 1
        guard !session.isRetrying else { return }
        session.isRetrying = true
        loop.schedule(after: RetryDelay.after(attempts: session.attempts)) { [weak session] in
            guard let session else { return }
            session.isRetrying = false
            session.shard.attach(session)
        }
    }
}

// What this shard's objects are asked, from any loop of the node and from other nodes.
extension Shard {
    /// Offers a client's socket to an object of this shard, and lets its events in by `inlet`.
    ///
    /// `reply` is called once, when the inlet is ready. Placements reach the loops one after the
    /// other, so it is this loop that says whether the object is the node's.
    func offer(
        _ offer: SocketOffer,
        path: SocketPath,
        inlet: SocketInlet,
        reply: @escaping (ObjectAnswer) -> Void
    ) {
        guard let place = ownPlace(of: offer.key) else { return reply(.moved) }
        guard offer.isAccepted else {
            inlet.socket = host.open(offer, path: path, at: place, reply: reply)
            return
        }
        switch host.attach(offer, path: path, at: place) {
        case .success(let socket):
            inlet.socket = socket
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
