import Primitives
import Queues
import Transport
import Wire

// What the client sends faster than it may.
extension ClientSession {
    /// Takes what was just read, behind what waits already.
    func takeInTime(_ event: WebSocketMachine.Event) {
        keepEarly(event)
        if !isHeldBack { takeEarly() }
    }

    /// Takes what was read, up to the message that is too soon.
    private func takeEarly() {
        while let event = early?.first {
            if case .message(let message) = event, machine.canSend,
                let wait = pace.take(message, at: now)
            {
                return holdBack(wait)
            }
            takeFirstEarly()
            take(event)
        }
    }

    /// Nothing more is read until the next message may come, so no more than one read waits.
    private func holdBack(_ wait: ClientPace.Wait) {
        shard.noteHeldBack(wait.reason, self)
        isHeldBack = true
        recharge()
        stream?.pauseReading()
        home.loop.schedule(after: wait.time) { [weak self] in self?.letOn() }
    }

    private func letOn() {
        guard isHeldBack else { return }
        isHeldBack = false
        takeEarly()
        recharge()
        if !isHeldBack, !isReadingPaused { stream?.resumeReading() }
    }

    /// What waits is of no use any more, and the client's Close may be behind it.
    ///
    /// Later in the turn: an event may be in work that has led here.
    func takeEarlySoon() {
        guard isHeldBack else { return }
        LoopBound(self, on: home.loop).execute { $0.letOn() }
    }

    /// Ends the session of a client that sends too many.
    func countControlFrame() {
        let rate = settings.controlFramesPerSecond
        guard machine.isReceiving, !pace.takeControlFrame(perSecond: rate, at: now) else { return }
        let error = FrameError.tooManyControlFrames(limit: rate)
        var output = ByteWriter()
        machine.refuse(error, output: &output)
        write(output)
        violated(error)
    }
}
