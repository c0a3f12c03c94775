import Primitives
import Queues
import Transport
import Wire

// What the client sends, and how the session ends.
extension ClientSession: StreamConnectionDelegate {
    /// Bytes of control frames, such as pongs, that may wait for a client that does not read.
    ///
    /// More than one read can ask for, so that a burst of pings hurts nobody who reads.
    static let controlBytesMax: UInt32 = 1 << 20

    func received(_ bytes: Span<UInt8>) {
        clock.heard(at: now)
        var offset = 0
        takePromptly(bytes, &offset)
        if offset < bytes.count { receive(bytes, from: offset) }
    }

    private func receive(_ bytes: Span<UInt8>, from start: Int) {
        var offset = start
        var isPart = start == 0
        var output = ByteWriter()
        while let event = machine.next(
            in: bytes,
            from: &offset,
            inflater: compression,
            output: &output
        ) {
            isPart = false
            if output.count > 0 { write(ByteWriter(continuing: output.take())) }
            if limitsMessages { takeInTime(event) } else { take(event) }
        }
        write(output)
        // Part of a message has come. One that comes as a whole does not wait.
        if isPart { recharge() }
    }

    func take(_ event: WebSocketMachine.Event) {
        switch event {
        case .message(let message):
            // Behind a Close of this side, which something in front of it has brought about.
            guard machine.canSend || isSentAway else { break }
            let count = FrameWriter.byteCount(payloadCount: message.payload.count)
            home.traffic.received.count(count)
            if !answersItself(message) { forward(message) }
        case .ping: countControlFrame()
        case .pong:
            if clock.ponged(at: now) { tellStatus() }
            countControlFrame()
        case .closeReceived(let code, let reason):
            endObjectSide(code: code?.value ?? 1005, reason: reason)
        case .failed(let error):
            // What came before the violation is still answered, and then the Close goes out.
            violated(error)
        }
        if machine.isClosed { stream?.close(peerHasFinished: machine.hasPeerClosed) }
    }

    func violated(_ error: FrameError) {
        shard.noteCutOff(error.reason, self)
        endObjectSide(code: error.closeCode.value | SocketEnd.violationBit, reason: "")
    }

    private func forward(_ message: consuming WebSocketMessage) {
        if isUpToDate, var path = promptPath, let handling = path.handle(&message) {
            return settle(message, handling)
        }
        switch messages.receive(message) {
        case .hand:
            link?.send(message)
            pauseReadingIfNeeded()
        case .keep: recharge()
        case .drop: break
        case .overflow:
            shard.noteCutOff("parked_too_much", self)
            closeForRestart()
        }
    }

    /// Has the object handle what has come as whole messages; what it may not is left for `next`.
    private func takePromptly(_ bytes: Span<UInt8>, _ offset: inout Int) {
        guard !limitsMessages, compression == nil, var path = promptPath else { return }
        var message = home.takeMessage()
        while offset < bytes.count, path.isOpen, isUpToDate, machine.canSend, !hasAutoResponses,
            machine.nextWhole(in: bytes, from: &offset, into: &message)
        {
            home.traffic.received.count(
                FrameWriter.byteCount(payloadCount: message.payload.count)
            )
            guard let handling = path.handle(&message) else {
                forward(message)
                break
            }
            settle(message, handling)
        }
        home.giveBack(message)
    }

    /// True when the object has handled all that the client has said, for certain.
    ///
    /// Asked without a copy of `messages`, as here for each message.
    private var isUpToDate: Bool {
        guard messages.unsettledCost == 0, case .attached = messages.state else { return false }
        return true
    }

    /// The way of messages to an object of this loop.
    private var promptPath: PromptPath? {
        guard case .near(let socket) = link else { return nil }
        return socket.promptPath
    }

    private func settle(_ message: WebSocketMessage, _ handling: MessageHandling) {
        switch handling {
        case .settled: messages.settledAtOnce()
        case .unsettled: _ = messages.receive(message)
        }
    }

    private func pauseReadingIfNeeded() {
        // First what can be read in place, for it is asked with each message.
        guard messages.unsettledCost > messages.limits.windowBytes, !isReadingPaused,
            messages.isWindowFull, machine.canSend || isSentAway
        else { return }
        isReadingPaused = true
        recharge()
        stream?.pauseReading()
    }

    func peerEnded() { lost(code: 1006) }

    func ended(_ end: StreamEnd) {
        stream = nil
        lost(code: 1006)
    }
}

// MARK: - Ending

extension ClientSession {
    /// There has been no owner for too long: the client may come back after the hint.
    private func closeForRestart() {
        if isAccepted {
            close(code: .serviceRestart, reason: RestartHint.reason(shard.loop))
        } else {
            refuse(RestartHint.unavailable(shard.loop))
        }
        endObjectSide(code: CloseCode.serviceRestart.value, reason: "")
    }

    /// The node goes out of service: the client is told when to come back, to any node.
    ///
    /// What it has said before it hears of that reaches its object still.
    func sendAway() {
        guard !isAccepted else {
            guard machine.canSend else { return }
            isSentAway = true
            close(code: .serviceRestart, reason: RestartHint.reason(shard.loop))
            return
        }
        refuse(RestartHint.unavailable(shard.loop, "this node goes out of service"))
        endObjectSide(code: CloseCode.serviceRestart.value, reason: "")
    }

    /// The connection is gone without a Close, or the client took too long.
    func lost(code: UInt16) {
        endObjectSide(code: code, reason: "")
        stream?.abort()
        stream = nil
        pending = nil
        dropEarly()
        shard.remove(self)
    }

    func endObjectSide(code: UInt16, reason: String) {
        let (state, link) = (messages.state, link)
        endMessages()
        switch state {
        case .attaching, .attached:
            clock.closing(until: now.advanced(by: settings.closeTime))
            link?.end(code: code, reason: reason, awaitsAnswer: machine.owesClose)
        case .parked:
            if machine.owesClose { objectEnded() }
        case .ended: break
        }
    }

    func write(_ output: ByteWriter) {
        guard output.count > 0 else { return }
        stream?.write(output.bytes)
        controlBytes = UInt32(clamping: Int(controlBytes) + output.count)
        // Pongs for a client that pings and never reads would pile up without end.
        guard controlBytes > Self.controlBytesMax, stream != nil else { return }
        shard.noteCutOff("control_flood", self)
        lost(code: 1006)
    }

    /// Pings, and gives up on what takes too long.
    ///
    /// Called about once a second.
    func tick(now: Instant) {
        messages.forgetSettled()
        guard !isAtRest(now: now) else { return }
        recharge()
        if pending?.http.isOpen == false {
            lost(code: 1006)
            return
        }
        if isOverdue(now: now) {
            shard.noteCutOff("parked_too_long", self)
            closeForRestart()
        }
        if isUnanswered(now: now) {
            shard.noteCutOff("upgrade_stalled", self)
            refuse(.text("the object gave no answer", status: 504))
            endObjectSide(code: 1006, reason: "")
        }
        guard stream != nil else { return }
        // Who is not listened to cannot be called silent.
        if isReadingPaused || isHeldBack { clock.heard(at: now) }
        switch clock.due(at: now, settings) {
        case .nothing: break
        case .ping:
            var output = ByteWriter()
            machine.sendPing([], output: &output)
            write(output)
        case .unresponsive:
            shard.noteCutOff("ping_timeout", self)
            lost(code: 1006)
        case .closeTimeout:
            guard !machine.owesClose else { return objectEnded() }
            shard.noteCutOff("close_timeout", self)
            lost(code: 1006)
        }
    }

    /// True when a tick would find nothing to do, as with most of many clients.
    ///
    /// All of them are asked each second, so each part is read where it lies, and nothing is copied.
    private func isAtRest(now: Instant) -> Bool {
        guard isAccepted, case .attached = messages.state, messages.unsettledCost == 0,
            charge.bytes == 0, clock.isAtRest(at: now, pingInterval: home.settings.pingInterval)
        else { return false }
        return machine.bufferedBytes == 0
    }

    /// The object that was asked has let the client wait for too long.
    private func isUnanswered(now: Instant) -> Bool {
        guard messages.state == .attaching, !isAccepted, let pending else { return false }
        return now > pending.openedAt.advanced(by: settings.answerTime)
    }

    /// A client that the object has not accepted waits for its answer for longer.
    private func isOverdue(now: Instant) -> Bool {
        guard !isAccepted else { return messages.isOverdue(now: now) }
        guard isParked else { return false }
        return now > messages.parkedSince.advanced(by: settings.upgradeTime)
    }
}
