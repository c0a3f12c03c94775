package import Primitives
import Queues

// What the driver does with the streams.
extension LaneMachine {
    /// Opens a stream; `head` says what for and is opaque to the lane, at most 64 KiB.
    ///
    /// Works without a connection too: the stream is then opened by the next one.
    package mutating func open(
        _ kind: LinkStreamKind,
        head: [UInt8],
        partition: UInt16,
        epoch: UInt32
    ) throws(LinkRefusal) -> StreamID {
        try admit(head: head)
        var id = lastOpened.next
        while streams.slot(of: id) != nil { id = id.next }
        lastOpened = id
        let slot = insert(id, kind, isOwn: true, partition: partition, epoch: epoch)
        streams[slot].headBytes = head.count
        streams[slot].outbox.append(LaneOutbox.Item(kind: .open, payload: head))
        unacknowledgedHeadBytes += head.count
        if connection == .up { opening.append(slot) }
        counters.streamsOpened += 1
        return id
    }

    private func admit(head: [UInt8]) throws(LinkRefusal) {
        guard head.count <= LinkLimits.headBytesMax else {
            throw .headTooLong(count: head.count, limit: LinkLimits.headBytesMax)
        }
        guard hasRoom else { throw .tooManyStreams(limit: settings.streamsMax) }
        guard unacknowledgedHeadBytes + head.count <= settings.unacknowledgedHeadBytesMax else {
            throw .headsUnacknowledged(
                bytes: unacknowledgedHeadBytes,
                limit: settings.unacknowledgedHeadBytesMax
            )
        }
    }

    /// True when one more stream fits; one that is gone counts until its RESET is written.
    var hasRoom: Bool { streams.count + resets.count < settings.streamsMax }

    mutating func insert(
        _ id: StreamID,
        _ kind: LinkStreamKind,
        isOwn: Bool,
        partition: UInt16,
        epoch: UInt32
    ) -> Int {
        var stream = LaneStream(
            id: id,
            kind: kind,
            isOwn: isOwn,
            partition: partition,
            epoch: epoch,
            inbox: LaneInbox(window: window)
        )
        stream.outbox.setCredit(peerWindow)
        return streams.insert(stream)
    }

    /// Answers a stream that the peer opened, once: OPENED for a session, RESULT for a call.
    package mutating func answer(_ id: StreamID, head: [UInt8]) -> LinkSendResult {
        guard head.count <= LinkLimits.headBytesMax else { return .tooLarge }
        guard let slot = openSlot(id), !streams[slot].isOwn, !streams[slot].isAnswered
        else { return .unknownStream }
        streams[slot].isAnswered = true
        append(LaneOutbox.Item(kind: .answer, payload: head), at: slot)
        return .accepted
    }

    /// Sends a message on a stream, in order.
    ///
    /// Taken while fewer than `queuedBytesMax` bytes wait, so that one of any size passes; past
    /// that the policy of the stream may take back what waits. A `key` is at most
    /// `SendQueue.keyBytesMax` bytes.
    package mutating func send(
        _ id: StreamID,
        payload: [UInt8],
        isBinary: Bool,
        key: String? = nil
    ) -> LinkSendResult {
        let message = LaneOutbox.Item(message: payload, isBinary: isBinary, key: key)
        guard message.payload.count <= LinkLimits.messageBytesMax else { return .tooLarge }
        guard let slot = openSlot(id), !streams[slot].isFinished else { return .unknownStream }
        guard enqueue(message, at: slot) else { return .full }
        return .accepted
    }

    /// Tells the opener of a session what the object has noted on its socket, in order with the
    /// messages; nil for nothing.
    ///
    /// Only the last of those that are not written yet goes out. Needs no credit; at most
    /// `SocketNotes.attachmentBytesMax` bytes, and only when the session is accepted.
    package mutating func putAttachment(_ id: StreamID, _ attachment: [UInt8]?) -> LinkSendResult {
        guard (attachment?.count ?? 0) <= SocketNotes.attachmentBytesMax else { return .tooLarge }
        return put(id, .attachment, .attachment(attachment))
    }

    /// Tells it what the object has set, in the same way.
    package mutating func put(_ id: StreamID, _ setting: SocketSetting) -> LinkSendResult {
        switch setting {
        case .autoResponses: return put(id, .autoResponses, .setting(setting))
        case .sendPolicy(let policy):
            setPolicy(id, policy)
            return put(id, .sendPolicy, .setting(setting))
        }
    }

    private mutating func put(
        _ id: StreamID,
        _ kind: LaneOutbox.Item.Kind,
        _ note: LinkNote
    ) -> LinkSendResult {
        guard let slot = openSlot(id), streams[slot].isPeersSession, streams[slot].isAnswered,
            !streams[slot].isFinished
        else { return .unknownStream }
        streams[slot].outbox.put(LaneOutbox.Item(kind: kind, payload: note.encoded))
        schedule(slot)
        return .accepted
    }

    /// Asks for `drained` once at most half of what may wait on the stream does.
    package mutating func notifyWhenDrained(_ id: StreamID) {
        guard let slot = openSlot(id) else { return }
        streams[slot].wantsDrained = true
    }

    mutating func append(_ item: consuming LaneOutbox.Item, at slot: Int) {
        streams[slot].outbox.append(item)
        schedule(slot)
    }

    /// Ends this side's direction of a stream behind everything that waits on it.
    ///
    /// The peer learns `code` and `reason` (cut at 123 bytes), may go on sending, and is to end the
    /// stream by `close`. A second call does nothing.
    package mutating func finish(_ id: StreamID, code: UInt16, reason: String = "") {
        guard let slot = openSlot(id), !streams[slot].isFinished else { return }
        streams[slot].isFinished = true
        append(LaneOutbox.Item(kind: .finish, payload: Self.ending(code, reason)), at: slot)
    }

    /// Ends a stream behind everything that waits on it; a reason is cut at 123 bytes.
    ///
    /// Nothing more is sent or delivered on the stream.
    package mutating func close(_ id: StreamID, code: UInt16, reason: String = "") {
        guard let slot = openSlot(id) else { return }
        end(slot, .close, Self.ending(code, reason))
    }

    private static func ending(_ code: UInt16, _ reason: String) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(code)
        writer.write(reason.prefix(utf8Count: LinkLimits.reasonBytesMax).utf8)
        return writer.take()
    }

    /// Answers that the object of a stream lives elsewhere, and ends the stream.
    ///
    /// `processed` is how many messages of this stream the object has handled, whatever `consumed`
    /// was told; `isInterrupted` says that it was stopped within the next one, so that one may have
    /// had its effect; `isScattered`, that so may have all that came.
    package mutating func moved(
        _ id: StreamID,
        epoch: Epoch,
        owner: NodeID?,
        processed: UInt64,
        isInterrupted: Bool,
        isScattered: Bool = false
    ) {
        guard let slot = openSlot(id) else { return }
        let moved = LinkMoved(
            epoch: epoch,
            owner: owner,
            processed: processed,
            isInterrupted: isInterrupted,
            isScattered: isScattered
        )
        end(slot, .moved, moved.encoded())
    }

    private mutating func end(_ slot: Int, _ kind: LaneOutbox.Item.Kind, _ payload: [UInt8]) {
        streams[slot].isClosing = true
        append(LaneOutbox.Item(kind: kind, payload: payload), at: slot)
        discardUnconsumed(slot)
        // The peer is to know what was processed before the stream is gone there.
        if streams[slot].inbox.owesProcessed { urgent.append(slot) }
    }

    /// Nobody will take what has come, so its credit goes back at once.
    private mutating func discardUnconsumed(_ slot: Int) {
        consume(streams[slot].inbox.unconsumed, at: slot)
    }

    /// Ends a stream at once, with all that waits on it.
    package mutating func reset(_ id: StreamID, code: UInt16) {
        guard let slot = streams.slot(of: id) else { return }
        remove(slot, sendingReset: code)
    }

    /// The consumer has taken `messages` messages of `bytes` together: the peer may send as much.
    ///
    /// One that is taken piece by piece tells the pieces with zero messages, the last with one.
    /// The peer learns how many messages of a session that it opened were taken, once it has the
    /// attachment that was put before. What is told of more than has come, or of a stream that this
    /// side has ended, does nothing.
    package mutating func consumed(_ id: StreamID, bytes: Int, messages: Int = 1) {
        guard let slot = openSlot(id) else { return }
        streams[slot].take(messages: messages)
        consume(bytes + messages * LinkLimits.messageOverhead, at: slot)
    }

    mutating func consume(_ cost: Int, at slot: Int) {
        let withdrawn = streams[slot].inbox.consume(cost: cost)
        owe(slot)
        guard withdrawn > 0 else { return }
        poolUsed -= withdrawn
        grantReservations()
    }

    /// Notes that the peer is to be told of what came in and what was taken.
    ///
    /// Credit goes back in lots of half a window, and at once while a message is not complete.
    mutating func owe(_ slot: Int) {
        guard streams[slot].inbox.owes, !streams[slot].hasSaidAll else { return }
        if streams[slot].inbox.isAwaited || streams[slot].inbox.returnable >= window / 2 {
            urgent.append(slot)
        } else {
            owing.append(slot)
        }
    }

    /// Grants room to large messages, in the order of their coming, while there is room.
    mutating func grantReservations() {
        let pool = max(settings.largeMessagePoolBytes, LinkLimits.messageBytesMax)
        while let slot = awaitingPool.first {
            let shortage = streams[slot].inbox.shortage(window: window)
            guard poolUsed + shortage <= pool else { return }
            awaitingPool.remove(slot)
            poolUsed += shortage
            streams[slot].inbox.grantExtra(shortage)
            owe(slot)
        }
    }

    /// Sends an opaque control message, which is lost when the connection ends.
    package mutating func sendControl(
        _ type: LinkFrameType,
        payload: [UInt8]
    ) throws(LinkRefusal) {
        guard type.isControl else { throw .notControl(type) }
        guard payload.count <= LinkLimits.controlBytesMax else {
            throw .controlTooLong(count: payload.count, limit: LinkLimits.controlBytesMax)
        }
        guard controlQueuedBytes + payload.count <= settings.controlQueuedBytesMax,
            control.append(ControlMessage(type: type, payload: payload))
        else { throw .controlQueueFull(limit: settings.controlQueuedBytesMax) }
        controlQueuedBytes += payload.count
    }

    /// Says that this connection ends; the driver closes it when that is written.
    package mutating func goAway(code: UInt16, text: String) {
        var writer = ByteWriter()
        writer.write(code)
        writer.write(text.prefix(utf8Count: LinkLimits.goAwayTextBytesMax).utf8)
        pendingGoAway = writer.take()
    }

    /// The slot of a stream that this side has not ended.
    func openSlot(_ id: StreamID) -> Int? {
        guard let slot = streams.slot(of: id), !streams[slot].isClosing else { return nil }
        return slot
    }
}

extension String {
    /// The longest start of the text, in whole characters, that has at most this many bytes.
    fileprivate func prefix(utf8Count limit: Int) -> Substring {
        guard utf8.count > limit else { return self[...] }
        var end = startIndex
        var count = 0
        for index in indices {
            count += self[index].utf8.count
            guard count <= limit else { break }
            end = self.index(after: index)
        }
        return self[..<end]
    }
}
