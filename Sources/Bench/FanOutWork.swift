import Primitives
import Synchronization
import Transport
import Wire

/// Deliveries that all threads have seen, for the sender's.
final class DeliveryCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add(_ number: Int) { count.add(number, ordering: .relaxed) }
}

/// One sender, on the first thread, and receivers on all of them, which check what they get.
final class FanOutWork: LoadWork {
    /// Without a rate the sender looks so often whether it may send more.
    private static let lookInterval = Duration.milliseconds(1)

    private let thread: LoadThread
    private let message: FanOutMessage
    private let deliveries: DeliveryCount
    private let kind: WebSocketMessage.Kind
    private var writer: FrameWriter
    private var connections: [ClientConnection] = []
    private var sender: ClientConnection?
    private var timer: PreciseTimer?
    private var schedule: OpenLoopSchedule?
    private var sentCount = 0
    private var isSending = false

    init(_ thread: LoadThread, _ message: FanOutMessage, _ deliveries: DeliveryCount) {
        self.thread = thread
        self.message = message
        self.deliveries = deliveries
        kind = thread.plan.isText ? .text : .binary
        writer = FrameWriter(role: .client(maskingSeed: thread.loop.entropy.next()))
    }

    func user(of connection: ClientConnection) -> any ClientConnectionUser {
        connections.append(connection)
        guard connection.number < thread.plan.connections else {
            sender = connection
            return SilentClient(thread)
        }
        return FanOutReceiver(thread, self, message)
    }

    func begin(at start: Instant) {
        isSending = true
        guard sender != nil else { return }
        schedule = thread.plan.rate.map { OpenLoopSchedule(start: start, rate: $0) }
        timer = thread.makeTimer { [self] in sendMore() }
        sendMore()
    }

    func end() {
        isSending = false
        timer?.cancel()
        timer = nil
    }

    func close() {
        for connection in connections { connection.close() }
        connections = []
    }

    /// So many deliveries have come on this thread.
    fileprivate func delivered(_ count: Int) {
        deliveries.add(count)
        thread.tally.awaited -= count
        if schedule == nil { sendMore() }
    }

    private var deliveriesPerMessage: Int { thread.plan.connections * thread.plan.copies }

    private func sendMore() {
        guard isSending, let sender, sender.isOpen else { return }
        let now = BootClock.now
        if var schedule {
            var count = 0
            while count < EchoWork.burstMax, let due = schedule.takeDue(at: now) {
                send(due: due.nanoseconds, at: now.nanoseconds, by: sender)
                count += 1
            }
            self.schedule = schedule
            timer?.arm(at: schedule.nextDue)
        } else {
            while sender.queuedBytes < ClientConnection.queuedBytesMax,
                sentCount - deliveries.value / deliveriesPerMessage < thread.plan.pipeline
            {
                send(due: now.nanoseconds, at: now.nanoseconds, by: sender)
            }
            // Receivers of other threads do not tell.
            timer?.arm(at: now.advanced(by: Self.lookInterval))
        }
    }

    private func send(due: Int64, at now: Int64, by sender: ClientConnection) {
        guard sender.queuedBytes < ClientConnection.queuedBytesMax else {
            thread.tally.unsent += 1
            return
        }
        if schedule != nil, thread.window.contains(due) { thread.tally.delay.record(now - due) }
        let payload = message.payload(UInt32(truncatingIfNeeded: sentCount), due: due)
        var output = ByteWriter(reservingCapacity: payload.count + FrameHeader.byteCountMax)
        writer.write(kind.opcode, payload.span, to: &output)
        sender.send(output.take())
        sentCount += 1
        thread.tally.awaited += deliveriesPerMessage
    }
}

/// One connection that only receives.
private final class FanOutReceiver: ClientConnectionUser {
    private let thread: LoadThread
    private let work: FanOutWork
    private let message: FanOutMessage
    private var order: DeliveryOrder
    /// A message that comes in pieces.
    private var kept = ByteWriter()
    private var hint = 0
    private var deliveriesInRead = 0

    init(_ thread: LoadThread, _ work: FanOutWork, _ message: FanOutMessage) {
        self.thread = thread
        self.work = work
        self.message = message
        order = DeliveryOrder(copies: thread.plan.copies)
    }

    func opened() { thread.opened() }

    func received(
        _ bytes: Span<UInt8>,
        _ kind: WebSocketMessage.Kind,
        endsMessage: Bool,
        at now: Int64
    ) {
        if endsMessage, kept.count == 0 { return receivedWhole(bytes, at: now) }
        kept.write(bytes)
        guard endsMessage else { return }
        let whole = kept.take()
        receivedWhole(whole.span, at: now)
    }

    private func receivedWhole(_ text: Span<UInt8>, at now: Int64) {
        guard let reading = message.find(in: text, hint: &hint) else {
            thread.tally.unexpected += 1
            return
        }
        order.take(reading.number)
        if !reading.isWhole { thread.tally.wrong += 1 }
        deliveriesInRead += 1
        thread.complete(since: reading.due, at: now, counted: reading.due)
    }

    func readEnded(at now: Int64) {
        guard deliveriesInRead > 0 else { return }
        work.delivered(deliveriesInRead)
        deliveriesInRead = 0
    }

    func ended(_ end: ConnectionEnd, wasOpen: Bool) {
        thread.tally.missing += order.missing
        thread.tally.disordered += order.disordered
        thread.ended(end, wasOpen: wasOpen)
    }
}
