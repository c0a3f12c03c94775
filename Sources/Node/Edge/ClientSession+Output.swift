import Primitives
import Transport
import Wire

/// The messages that wait for a slow client whose object has set a policy.
final class WaitingMessages {
    var queue = SendQueue()
}

// What goes to the client: messages of the object and answers of the edge, by the session's policy.
extension ClientSession {
    /// What a connection may have queued before a session with a policy keeps messages apart.
    ///
    /// Higher means fewer turns, lower that more can still be taken back.
    static let handedOverBytesMax = 64 << 10

    /// Queues an encoded message of the object for the client.
    func deliver(_ frame: [UInt8], key: String? = nil) {
        guard let stream, machine.canSend else { return }
        flow.hand(frame.count)
        home.traffic.sent.count(frame.count)
        queue(frame, key: key, on: stream)
    }

    /// Queues a message of the object for the client: it is encoded where it waits, and a large one is
    /// not copied for that.
    func deliver(_ message: WebSocketMessage, key: String?) {
        guard waiting == nil, compression == nil else { return deliver(message.encoded, key: key) }
        guard let stream, machine.canSend else { return }
        let header = FrameWriter.header(of: message.kind, payloadCount: message.payload.count)
        let count = header.count + message.payload.count
        flow.hand(count)
        home.traffic.sent.count(count)
        let limit = home.settings.sendQueueBytesMax
        if !stream.write(header, rest: message.payload, below: limit) { tooSlow() }
    }

    /// Past the limit the policy decides; with the default one the client is closed.
    private func queue(_ frame: [UInt8], key: String?, on stream: StreamConnection) {
        guard let waiting else {
            guard stream.queuedBytes < settings.sendQueueBytesMax else { return tooSlow() }
            put(frame, on: stream)
            return
        }
        if waiting.queue.isEmpty, stream.queuedBytes < Self.handedOverBytesMax {
            put(frame, on: stream)
            return
        }
        defer { recharge() }
        let (policy, limit) = (notes.sendPolicy, settings.sendQueueBytesMax)
        if waiting.queue.append(frame, key: policy == .coalesce ? key : nil) {
            shard.tally.count("messages_coalesced")
        }
        let before = stream.queuedBytes - frame.count - SendQueue.overhead
        switch policy {
        case .close, .coalesce:
            if before + waiting.queue.cost >= limit { tooSlow() }
        case .dropOldest:
            while waiting.queue.count > 1, before + waiting.queue.cost >= limit,
                waiting.queue.popFirst() != nil
            {
                flow.drop(1)
                shard.tally.count("messages_dropped")
            }
        }
    }

    /// Writes a message: nothing takes it back from here on.
    ///
    /// So it is compressed here, for the next one may refer to it.
    private func put(_ frame: [UInt8], on stream: StreamConnection) {
        guard let compression else { return stream.write(frame) }
        stream.write(compression.frame(for: frame))
    }

    private func tooSlow() {
        shard.noteCutOff("slow_consumer", self)
        close(code: .tryAgainLater, reason: "the client reads too slowly")
    }

    /// Bytes that have not reached the kernel.
    var queuedBytes: Int { (stream?.queuedBytes ?? 0) + (waiting?.queue.byteCount ?? 0) }

    /// The connection has room for what was kept apart.
    private func handOver() {
        guard let waiting, let stream else { return }
        defer { if charge.bytes > 0 { recharge() } }
        while stream.queuedBytes < Self.handedOverBytesMax,
            let frame = waiting.queue.popFirst()
        {
            put(frame, on: stream)
        }
        if waiting.queue.isEmpty, notes.sendPolicy == .close { self.waiting = nil }
    }

    /// A Close is next: what waits goes before it.
    func handOverAll() {
        guard let waiting, let stream else { return }
        while let frame = waiting.queue.popFirst() { put(frame, on: stream) }
    }

    func outputDrained() {
        controlBytes = 0
        outputAdvanced()
    }

    func outputAdvanced() {
        handOver()
        if flow.isDue(waiting: queuedBytes) { tellStatus() }
    }
}

// What the object has set, and what it is told.
extension ClientSession {
    /// The object has set something else for the socket, all of it at once.
    func keep(_ setting: SocketSetting) {
        notes.set(setting)
        if notes.sendPolicy != .close, waiting == nil { waiting = WaitingMessages() }
        handOver()
    }

    /// True when the object need not hear of a message, because it was answered here.
    func answersItself(_ message: WebSocketMessage) -> Bool {
        guard hasAutoResponses, messages.state != .ended,
            let response = notes.autoResponses.response(to: message), let stream
        else { return false }
        lastAutoResponse = now
        let frame = FrameWriter.encode(.text, response.span)
        home.traffic.sent.count(frame.count)
        queue(frame, key: nil, on: stream)
        return true
    }

    /// Tells the object's node what is with the client now; nobody is woken by it.
    func tellStatus() {
        guard messages.state == .attached, let link else { return }
        let taken = flow.taken(waiting: queuedBytes)
        flow.tell(taken)
        link.tell(
            LinkStatus(
                taken: taken,
                dropped: flow.dropped,
                roundTrip: clock.roundTrip,
                autoResponseAge: lastAutoResponse.map { $0.duration(to: now) }
            )
        )
    }

    /// An owner has the session now, and knows nothing of the client yet.
    func restartFlow() {
        flow = EdgeFlow()
        if clock.roundTrip != nil || lastAutoResponse != nil { tellStatus() }
    }
}
