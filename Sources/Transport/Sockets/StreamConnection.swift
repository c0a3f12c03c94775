package import Primitives

/// One TCP connection on one event loop.
///
/// Output is gathered and written once at the end of the loop's turn. Reading can be paused, which
/// lets TCP push back on the peer. Not `Sendable`: it lives and dies on its loop.
package final class StreamConnection {
    /// How long a closing connection waits for the peer to take more of the last bytes, and after
    /// those for the peer to close too.
    package static let lingerTime = Duration.seconds(2)
    /// A peer that has said that it is done is not waited for when no more than so much is on its way
    /// to it: should it say more all the same, the reset that it gets wipes out what is.
    static let lastWordsBytesMax = 1_024

    private enum State {
        case open
        /// No more is written after what is queued; then the sending side is ended.
        case finishing
        /// The sending side is ended; what still comes is thrown away.
        case lingering
        case closed
    }

    package let loop: EventLoop
    package let peer: SocketAddress?
    private let descriptor: Int32
    /// Held until the connection ends, or the loop.
    ///
    /// Strong, because each count of an object that is named weakly somewhere is a slower one.
    package var delegate: (any StreamConnectionDelegate)?
    /// Let go when the connection ends: for whoever counts connections.
    package var lease: AnyObject?
    /// Where what waits to be written is counted; nil where nobody asks.
    package var account: BufferAccount?
    private var charge = BufferCharge()
    private var output = OutputQueue()
    // In an order without gaps, for there are many of these: 152 bytes are the most of a size of malloc.
    private var interest: ReadyEvents = [.readable, .peerEnded]
    private var lingerTimer: TimerID?
    private var isReadingPaused = false
    private var hasPeerEnded = false
    /// The peer has said that it sends nothing more.
    private var hasPeerFinished = false
    private var registration: Registration?
    private var state = State.open
    private var isMarked = false
    private var wantsWritable = false

    /// Takes over a connected descriptor.
    ///
    /// Call `start` once the delegate is set.
    package init(
        _ descriptor: consuming FileDescriptor,
        peer: SocketAddress?,
        loop: EventLoop
    ) {
        self.descriptor = descriptor.release()
        self.peer = peer
        self.loop = loop
    }

    deinit {
        // Never started, or the loop has ended: a loop holds the connections that it serves.
        if state != .closed { loop.system.close(descriptor) }
    }

    /// Begins to read.
    ///
    /// What a `Listener` has accepted sends small pieces at once already.
    package func start(isAccepted: Bool = false) throws(SocketError) {
        if !isAccepted { try? loop.system.set(.noDelay, on: descriptor) }
        do {
            registration = try loop.register(descriptor, for: interest, handler: self)
        } catch {
            delegate = nil
            throw error
        }
    }

    package var isOpen: Bool { state == .open }

    /// Bytes that wait to be written.
    package var queuedBytes: Int { output.count }

    /// What is counted of them.
    package var chargedBytes: Int { charge.bytes }

    /// True once nothing of it is left.
    package var hasEnded: Bool { state == .closed }

    /// How long unacknowledged bytes may stay so before the kernel gives the peer up, and how many
    /// unsent bytes the kernel keeps ahead of ours.
    package func setLinkOptions(userTimeout: Duration, notSentLowWater: Int) {
        try? loop.system.set(.userTimeout(userTimeout), on: descriptor)
        try? loop.system.set(.notSentLowWater(notSentLowWater), on: descriptor)
    }
}

// MARK: - Writing

extension StreamConnection {
    /// Queues `bytes`; they leave at the end of the loop's turn.
    ///
    /// Nothing happens once closing.
    package func write(_ bytes: [UInt8]) {
        guard state == .open else { return }
        beginOutput(bytes.count)
        output.append(bytes)
        mark()
    }

    /// Queues a copy of what the caller goes on using.
    package func write(copyOf bytes: Span<UInt8>) {
        guard state == .open else { return }
        beginOutput(bytes.count)
        output.append(copyOf: bytes)
        mark()
    }

    /// Queues `head` with `rest` behind it, while fewer than `limit` bytes wait; false otherwise.
    ///
    /// Of a large `rest` no copy is made.
    package func write(_ head: ShortBytes, rest: [UInt8], below limit: Int) -> Bool {
        guard output.count < limit else { return false }
        guard state == .open else { return true }
        beginOutput(rest.count)
        output.append(head, rest: rest)
        mark()
        return true
    }

    /// Writes `bytes` behind what is queued, now and not at the end of the turn.
    ///
    /// For whoever gathers output and is flushed by the loop itself: a write that was marked only then
    /// would cost another turn.
    package func writeNow(_ bytes: [UInt8]) {
        guard state == .open else { return }
        beginOutput(bytes.count)
        output.append(bytes)
        guard !isMarked, !wantsWritable else { return recharge() }
        writeQueued()
    }

    /// Takes back what nothing has been written of.
    ///
    /// Each `write` must have been of something whole, for the peer gets some of them and no others.
    package func discardQueued() {
        output.discardUnbegun()
        recharge()
    }

    /// Adds what waits to be written to `total`.
    package func count(into total: inout SharedByteCount) { output.count(into: &total) }

    /// What is gathered is so in a buffer of the loop: a connection at rest has none, and the next one
    /// finds it in the processor's caches.
    private func beginOutput(_ count: Int) {
        guard output.isEmpty, count < OutputQueue.sharedBytesMin else { return }
        output.gather(in: loop.buffers.takeSpare())
    }

    private func recharge() { charge.set(output.count, on: account) }

    private func mark() {
        guard !isMarked else { return }
        guard !wantsWritable else { return recharge() }
        isMarked = true
        loop.flushAtTurnEnd(self)
    }

    private func writeQueued() {
        let (loop, descriptor) = (loop, descriptor)
        do {
            try unsafe output.drain { first, second, isLast throws(SocketError) in
                try unsafe loop.write(descriptor, first, second, more: !isLast)
            }
        } catch {
            finish(.failed(error))
            return
        }
        setWantsWritable(!output.isEmpty)
        guard output.isEmpty else {
            recharge()
            outputWaits()
            return
        }
        loop.buffers.giveBack(output.takeBuffer())
        switch state {
        case .open: delegate?.outputDrained()
        case .finishing: endSending()
        case .lingering, .closed: break
        }
    }
}

extension StreamConnection {
    /// The peer has not taken everything.
    private func outputWaits() {
        switch state {
        case .open: delegate?.outputAdvanced()
        case .finishing: if lingerTimer == nil { startLingerTimer() }
        case .lingering, .closed: break
        }
    }
}

extension StreamConnection: TurnEndFlushing {
    package func flush() {
        isMarked = false
        guard state == .open || state == .finishing else { return }
        writeQueued()
    }
}

// MARK: - Reading

extension StreamConnection {
    /// Stops reading until `resumeReading`: the peer feels it when the kernel's buffer is full.
    package func pauseReading() {
        isReadingPaused = true
        updateInterest()
    }

    /// Reads again after `pauseReading`.
    package func resumeReading() {
        isReadingPaused = false
        updateInterest()
    }

    private func setWantsWritable(_ wants: Bool) {
        guard wants != wantsWritable else { return }
        wantsWritable = wants
        recharge()
        updateInterest()
    }

    private func updateInterest() {
        guard let registration else { return }
        var wanted: ReadyEvents = []
        // A closing connection reads, to throw away: a peer that waits until it has sent
        // everything would else never come to take the last bytes.
        if !hasPeerEnded, !isReadingPaused || state != .open {
            wanted.formUnion([.readable, .peerEnded])
        }
        if wantsWritable { wanted.insert(.writable) }
        guard wanted != interest else { return }
        interest = wanted
        loop.change(registration, descriptor, to: wanted)
    }

    private func readOnce() {
        let count: Int?
        do {
            count = try unsafe loop.read(descriptor, into: loop.buffers.read)
        } catch {
            finish(.failed(error))
            return
        }
        guard let count else { return }
        guard count > 0 else {
            receivedEnd()
            return
        }
        guard state == .open else { return }
        guard let delegate else {
            // Nobody wants it: nobody else would ever close it.
            close()
            return
        }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: loop.buffers.read[..<count])
        let typed = unsafe bytes.bindMemory(to: UInt8.self)
        let marked = loop.markedCount
        unsafe delegate.received(typed.span)
        // A large answer is still in the processor's caches. Small ones go at the end of the turn, one
        // behind the other, which is quicker for them.
        if output.count >= OutputQueue.sharedBytesMin, isMarked,
            loop.unmark(self, ifAloneBehind: marked)
        {
            flush()
        }
    }

    private func receivedEnd() {
        hasPeerEnded = true
        switch state {
        case .open:
            updateInterest()
            if let delegate { delegate.peerEnded() } else { close() }
        case .finishing: updateInterest()
        case .lingering: finish(.closedHere)
        case .closed: break
        }
    }
}

extension StreamConnection: EventHandler {
    package func loopEnded() { delegate = nil }

    package func ready(_ events: ReadyEvents) {
        if events.contains(.writable) { writeQueued() }
        guard state != .closed else { return }
        if !events.isDisjoint(with: [.readable, .peerEnded]), interest.contains(.readable) {
            readOnce()
        } else if !events.isDisjoint(with: .failed) {
            // Both directions are shut: whatever we might still write would not arrive.
            let code = loop.system.pendingError(descriptor)
            finish(code == 0 ? .peerClosed : .failed(SocketError(operation: "poll", code: code)))
        }
    }
}

// MARK: - Closing

extension StreamConnection {
    /// Closes once all queued output is written and, for a short while, taken by the peer.
    ///
    /// An early `close` would make the kernel answer bytes that still come with a reset, and the
    /// reset would wipe out our last words at the peer. The loop keeps the connection meanwhile:
    /// its owner may let go. Where the peer has said, by whatever it speaks, that it sends nothing
    /// more, no bytes can come, and the kernel sees to a few last ones by itself.
    package func close(peerHasFinished: Bool = false) {
        guard state == .open else { return }
        state = .finishing
        hasPeerFinished = peerHasFinished
        updateInterest()
        mark()
        // What is written at the end of the turn may be the last already.
        if !isMarked { startLingerTimer() }
    }

    private func startLingerTimer() {
        if let lingerTimer { loop.cancel(lingerTimer) }
        let queued = output.count
        lingerTimer = loop.schedule(after: Self.lingerTime) { [weak self] in
            self?.lingerTimeEnded(queuedBefore: queued)
        }
    }

    private func lingerTimeEnded(queuedBefore: Int) {
        lingerTimer = nil
        // A long rest may take its time with a slow peer, as long as it moves.
        if state == .finishing, output.count < queuedBefore {
            startLingerTimer()
        } else {
            finish(.closedHere)
        }
    }

    /// Writes what is queued and gives the descriptor away, to be used on another loop.
    ///
    /// Nil when the connection is not open, or the peer does not take the last bytes at once.
    package func release() -> FileDescriptor? {
        guard state == .open else { return nil }
        writeQueued()
        guard state == .open, output.isEmpty else { return nil }
        state = .closed
        delegate = nil
        if let registration { loop.deregister(registration, descriptor) }
        registration = nil
        return FileDescriptor(owning: descriptor, of: loop.system)
    }

    /// Closes at once and drops what is queued.
    package func abort() {
        guard state != .closed else { return }
        finish(.closedHere)
    }

    /// True when no more can come, and nothing that matters would be lost if some did.
    private var isPeerDone: Bool {
        hasPeerEnded
            || hasPeerFinished
                && loop.system.unacknowledgedBytes(descriptor) <= Self.lastWordsBytesMax
    }

    private func endSending() {
        state = .lingering
        guard !isPeerDone else { return finish(.closedHere) }
        loop.system.endSending(descriptor)
        startLingerTimer()
    }

    private func finish(_ end: StreamEnd) {
        guard state != .closed else { return }
        state = .closed
        if let lingerTimer { loop.cancel(lingerTimer) }
        lingerTimer = nil
        if let registration { loop.deregister(registration, descriptor, closing: true) }
        registration = nil
        loop.system.close(descriptor)
        output = OutputQueue()
        recharge()
        lease = nil
        guard let delegate else { return }
        self.delegate = nil
        // Later in the turn: the delegate may be in the middle of the call that led here.
        let bound = LoopBound(delegate, on: loop)
        bound.execute { $0.ended(end) }
    }
}
