import Cluster
import Placement
import Primitives
import Wire

// Clients, and how their sessions find their objects.
extension SimulatedProcess {
    func openClient() {
        world.lastSession += 1
        let session = world.lastSession
        let name = Int.random(in: world.names.indices, using: &world.generator)
        let lifetime = Int64.random(in: 2_000...60_000, using: &world.generator)
        sessions[session] = EdgeSession(
            name: name,
            messages: SessionMachine(now: now),
            closesAt: now.advanced(by: .milliseconds(lifetime))
        )
        world.checker.opened(session, name: name)
        world.findings.sessionCount += 1
        attach(session)
        scheduleClient(session)
    }

    private func scheduleClient(_ session: UInt64) {
        let mean = world.options.sendInterval.nanoseconds
        let pause = Int64.random(in: 0...2 * mean, using: &world.generator)
        schedule(.client(session: session), after: .nanoseconds(pause))
    }

    /// The client sends its next message, or goes.
    func clientActs(_ id: UInt64) {
        guard let session = sessions[id] else { return }
        guard !world.isDisturbed || now < session.closesAt else { return closeClient(id) }
        scheduleClient(id)
        guard world.isSending, session.isAccepted, !session.messages.isWindowFull else { return }
        let padding =
            world.happens(0.02)
            ? Int.random(in: 0...40_000, using: &world.generator)
            : Int.random(in: 0...100, using: &world.generator)
        let payload = ClientMessage.payload(session: id, number: session.sent, padding: padding)
        let message = WebSocketMessage(kind: .binary, payload: payload)
        sessions[id]?.sent += 1
        world.checker.sent(id)
        world.findings.messageCount += 1
        guard let reception = sessions[id]?.messages.receive(message) else { return }
        switch reception {
        case .hand: hand(message, of: id)
        case .keep, .drop: break
        case .overflow: endSession(id, byRule: true)
        }
    }

    private func hand(_ message: WebSocketMessage, of id: UInt64) {
        guard let session = sessions[id] else { return }
        sessions[id]?.handedThrough += 1
        switch session.way {
        case .none: break
        case .local(let socket): receive(message, at: socket)
        case .remote(let lane, let stream):
            let result = lane.machine.send(stream, payload: message.payload, isBinary: true)
            // The end of the stream may have come together with its answer.
            if result != .accepted, result != .unknownStream {
                world.violate(.link, "\(self.id) hands nothing: \(result)")
            }
            pump(lane)
        }
    }

    private func closeClient(_ id: UInt64) {
        endSession(id, byRule: false)
        schedule(.newClient, after: .seconds(1))
    }

    /// The client is gone, or was sent away.
    private func endSession(_ id: UInt64, byRule: Bool) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        world.checker.closed(id)
        if byRule { world.findings.sentAwayCount += 1 }
        switch session.way {
        case .none: break
        case .local(let socket): socketEnded(socket)
        case .remote(let lane, let stream):
            lane.endpoints[stream] = nil
            lane.machine.close(stream, code: LinkCode.normal)
            pump(lane)
        }
        count(isAsked: false)
        if byRule { schedule(.newClient, after: .seconds(1)) }
    }

    func endOverdueSessions() {
        schedule(.overdue, after: .seconds(1))
        for id in sessions.keys.sorted() where sessions[id]?.messages.isOverdue(now: now) == true {
            endSession(id, byRule: true)
        }
    }
}

// MARK: - Looking for an owner

extension SimulatedProcess {
    func attach(_ id: UInt64) {
        guard let session = sessions[id], session.messages.state == .parked else { return }
        let key = world.names[session.name]
        guard let owner = routes.view.owner(of: key) else { return retryLater(id) }
        guard owner != self.id else {
            // A former run of this node may have had other classes.
            return isAble(toRun: world.names[session.name]) ? attachHere(id) : retryLater(id)
        }
        guard let lane = peers[owner]?.lanes[1] else { return retryLater(id) }
        let attachment = ask(id, owner)
        guard let head = head(of: id), let bytes = try? head.encoded(),
            let stream = try? lane.machine.open(
                .session,
                head: bytes,
                partition: routes.view.partition(of: key).value,
                epoch: UInt32(truncatingIfNeeded: routes.view.epoch.value)
            )
        else { return world.violate(.link, "\(self.id) cannot open a stream to \(owner)") }
        lane.endpoints[stream] = .edge(session: id, attachment: attachment)
        sessions[id]?.way = .remote(lane, stream)
        pump(lane)
    }

    private func attachHere(_ id: UInt64) {
        let attachment = EdgeAttachment(session: id, number: ask(id, self.id))
        guard let head = head(of: id) else { return }
        offer(head, by: .local(attachment)) { sessions[id]?.way = .local($0) }
    }

    private func note(_ id: UInt64, _ text: @autoclosure () -> String) {
        world.transcript.note(at: world.now, "\(self.id): session \(id) \(text())")
    }

    private func ask(_ id: UInt64, _ owner: NodeID) -> UInt64 {
        note(id, "asks \(owner)")
        sessions[id]?.messages.ask()
        sessions[id]?.attachment += 1
        sessions[id]?.isOutdated = false
        sessions[id]?.owner = routes.runs[owner].map { NodeRun(id: owner, incarnation: $0) }
        return sessions[id]?.attachment ?? 0
    }

    private func head(of id: UInt64) -> LinkRequestHead? {
        guard let session = sessions[id] else { return nil }
        return LinkRequestHead(
            key: world.names[session.name],
            kind: .webSocket,
            method: "GET",
            target: "/",
            headers: [],
            peerAddress: nil,
            sessionID: UInt128(id),
            epoch: routes.view.epoch.value,
            sequence: session.messages.settled,
            redelivered: UInt32(clamping: session.messages.doubtful),
            resumed: session.isAccepted
        )
    }

    private func retryLater(_ id: UInt64) {
        guard let session = sessions[id] else { return }
        sessions[id]?.attempts += 1
        guard !session.isRetrying else { return }
        sessions[id]?.isRetrying = true
        var delay = Duration.milliseconds(10)
        for _ in 0..<session.attempts where delay < .milliseconds(500) { delay = delay * 3 / 2 }
        schedule(.retry(session: id), after: min(delay, .milliseconds(500)))
    }

    func retry(_ id: UInt64) {
        sessions[id]?.isRetrying = false
        attach(id)
    }

    func attachParked() { for id in sessions.keys.sorted() { attach(id) } }

    /// A later view: sessions whose owner is no member any more look for another one.
    func routesChanged() {
        for id in sessions.keys.sorted() {
            guard let owner = sessions[id]?.owner, owner.id != self.id,
                routes.runs[owner.id] != owner.incarnation
            else { continue }
            if world.breaks(.fencedOutput) { continue }
            abandon(id)
        }
        attachParked()
        let waiting = early
        early = []
        for stream in waiting where !stream.lane.isFailed {
            guard case .early = stream.lane.endpoints.removeValue(forKey: stream.id) else {
                continue
            }
            opened(stream.id, stream.head, on: stream.lane)
            pump(stream.lane)
        }
        count(isAsked: false)
    }

    /// Which sessions are with an owner that has lost the object meanwhile, though it may have it
    /// again: its word of that may be on the way still.
    func noteFormerOwners(in view: OwnershipView, after former: Epoch) {
        let skipped = view.history.filter { $0.epoch > former }.map(Owners.init(of:))
        for id in sessions.keys.sorted() {
            guard let session = sessions[id], let owner = session.owner?.id else { continue }
            let slot = routes.view.slot(of: world.names[session.name])
            let isOutdated =
                routes.view.owner(of: slot) != owner
                || skipped.contains { $0.owner(of: slot)?.id != owner }
            if isOutdated { sessions[id]?.isOutdated = true }
        }
    }

    /// The owner was removed: nothing goes there, and nothing is heard from there.
    private func abandon(_ id: UInt64) {
        if case .remote(let lane, let stream) = sessions[id]?.way {
            lane.endpoints[stream] = nil
            lane.machine.reset(stream, code: LinkCode.goingAway)
            pump(lane)
        }
        detached(id)
    }
}

// MARK: - What the owner says

extension SimulatedProcess {
    /// Nil for what comes by an owner that the session has left.
    func edge(_ stream: StreamID, _ lane: SimulatedLane) -> UInt64? {
        guard case .edge(let id, let attachment) = lane.endpoints[stream],
            sessions[id]?.attachment == attachment
        else { return nil }
        return id
    }

    func isCurrent(_ attachment: EdgeAttachment) -> Bool {
        sessions[attachment.session]?.attachment == attachment.number
    }

    /// The object has accepted the session.
    func answered(_ id: UInt64) {
        guard let session = sessions[id], session.messages.state == .attaching else { return }
        sessions[id]?.isAccepted = true
        sessions[id]?.attempts = 0
        sessions[id]?.handedThrough = session.messages.settled
        note(id, "is attached")
        world.checker.accepted(id)
        let waiting = sessions[id]?.messages.attached() ?? []
        for message in waiting { hand(message, of: id) }
        count(isAsked: false)
    }

    func processed(_ id: UInt64, through count: UInt64) {
        if world.breaks(.resumeCounts) { return }
        sessions[id]?.messages.processed(through: count)
    }

    /// The object has left its node in good order.
    func moved(_ id: UInt64, processed: UInt64, isInterrupted: Bool) {
        guard let session = sessions[id] else { return }
        let wasAttached = session.messages.state == .attached
        note(id, "moves, \(processed) handled")
        if world.breaks(.resumeCounts) {
            sessions[id]?.messages.moved(processed: 0, isInterrupted: false, now: now)
        } else {
            sessions[id]?.messages.moved(
                processed: processed,
                isInterrupted: isInterrupted,
                now: now
            )
        }
        if isInterrupted { world.checker.interrupted(id, sessions[id]?.messages.settled ?? 0) }
        world.findings.moveCount += wasAttached ? 1 : 0
        park(id, isOwnerKnown: wasAttached)
    }

    /// The owner is gone without a word.
    private func detached(_ id: UInt64) {
        guard let session = sessions[id] else { return }
        let wasAttached = session.messages.state == .attached
        note(id, "has lost its owner")
        if wasAttached {
            let settled = session.messages.settled
            world.checker.lost(id, handedThrough: session.handedThrough, settled: settled)
            world.findings.lossCount += 1
        }
        sessions[id]?.messages.lost(now: now)
        park(id, isOwnerKnown: true)
    }

    private func park(_ id: UInt64, isOwnerKnown: Bool) {
        sessions[id]?.attachment += 1
        sessions[id]?.way = .none
        sessions[id]?.owner = nil
        count(isAsked: false)
        if isOwnerKnown { attach(id) } else { retryLater(id) }
    }

    /// The stream ended at once, with all that was on its way.
    func lost(_ endpoint: SimulatedLane.Endpoint) {
        switch endpoint {
        case .edge(let id, let attachment):
            if sessions[id]?.attachment == attachment { detached(id) }
        case .object(let socket): socketEnded(socket)
        case .early: break
        }
    }

    /// The other side has ended the stream in good order.
    func closed(_ endpoint: SimulatedLane.Endpoint) {
        switch endpoint {
        case .edge(let id, let attachment):
            if sessions[id]?.attachment == attachment { endSession(id, byRule: true) }
        case .object(let socket): socketEnded(socket)
        case .early: break
        }
    }

    func received(_ payload: [UInt8], _ stream: StreamID, on lane: SimulatedLane) {
        switch lane.endpoints[stream] {
        case .edge(let id, let attachment):
            lane.machine.consumed(stream, bytes: payload.count)
            if sessions[id]?.attachment == attachment { deliver(payload, to: id) }
        case .object(let socket):
            receive(WebSocketMessage(kind: .binary, payload: payload), at: socket)
        case .early, nil: break
        }
    }

    /// The client gets what its object has sent.
    func deliver(_ payload: [UInt8], to id: UInt64) {
        guard let echo = ClientMessage.parse(payload), echo.session == id else {
            return world.violate(.sessions, "session \(id) gets what is not its own")
        }
        if let owner = sessions[id]?.owner, owner.id != self.id,
            routes.runs[owner.id] != owner.incarnation
        {
            world.violate(.fencedOutput, "session \(id) hears \(owner), which was removed")
        }
        if let problem = world.checker.echoed(id, echo.number) { world.violate(.sessions, problem) }
        world.findings.echoCount += 1
    }

    // MARK: - What the owners are to know of the sessions here

    func count(isAsked: Bool) {
        guard routes.view.epoch > .none, !isPlacing else { return }
        var missing: [NodeID: PartitionSet] = [:]
        for session in sessions.values {
            let key = world.names[session.name]
            let slot = routes.view.slot(of: key)
            guard let owner = routes.view.owner(of: slot) else { continue }
            guard session.isMissing(at: owner), !world.breaks(.rollCall) else { continue }
            missing[owner, default: PartitionSet()].insert(slot.partition)
        }
        let epoch = routes.view.epoch
        guard isAsked || epoch != lastCount.epoch || missing != lastCount.missing else { return }
        lastCount = (epoch, missing)
        step(.sessionsCounted(epoch, missing: missing))
    }
}
