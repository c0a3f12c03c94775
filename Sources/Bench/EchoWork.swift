import Primitives
import Transport
import Wire

/// Sends messages on all connections of a thread and compares what comes back.
final class EchoWork: LoadWork {
    /// Messages that may wait for one connection at a fixed rate; those due beyond are not sent.
    static let outstandingMax = 16_384
    /// Messages sent before what has come is read.
    static let burstMax = 256

    private let thread: LoadThread
    private let stock: MessageStock
    private var clients: [EchoClient] = []
    private var turn = 0
    private var schedule: OpenLoopSchedule?
    private var timer: PreciseTimer?
    private(set) var isSending = false

    init(_ thread: LoadThread, _ stock: MessageStock) {
        self.thread = thread
        self.stock = stock
    }

    func user(of connection: ClientConnection) -> any ClientConnectionUser {
        let client = EchoClient(connection, thread, self, stock)
        clients.append(client)
        return client
    }

    func begin(at start: Instant) {
        isSending = true
        let plan = thread.plan
        guard let rate = plan.rate else {
            for client in clients { client.send(plan.pipeline, at: BootClock.now.nanoseconds) }
            return
        }
        schedule = OpenLoopSchedule(
            start: start,
            rate: rate,
            share: thread.index,
            sharers: plan.threadCount
        )
        timer = thread.makeTimer { [self] in sendDue() }
        sendDue()
    }

    func end() {
        isSending = false
        timer?.cancel()
        timer = nil
    }

    func close() {
        for client in clients { client.close() }
        clients = []
    }

    private func sendDue() {
        guard isSending, var schedule, !clients.isEmpty else { return }
        let now = BootClock.now
        var count = 0
        while count < Self.burstMax, let due = schedule.takeDue(at: now) {
            clients[turn].send(due: due.nanoseconds, at: now.nanoseconds)
            turn = turn + 1 == clients.count ? 0 : turn + 1
            count += 1
        }
        self.schedule = schedule
        timer?.arm(at: schedule.nextDue)
    }
}

/// One connection that sends messages and gets them back.
final class EchoClient: ClientConnectionUser {
    private let connection: ClientConnection
    private let thread: LoadThread
    private let work: EchoWork
    private let isOpenLoop: Bool
    private var ledger: EchoLedger

    init(
        _ connection: ClientConnection,
        _ thread: LoadThread,
        _ work: EchoWork,
        _ stock: MessageStock
    ) {
        self.connection = connection
        self.thread = thread
        self.work = work
        isOpenLoop = thread.plan.rate != nil
        ledger = EchoLedger(stock, number: connection.number)
    }

    func opened() { thread.opened() }

    /// Sends so many, at once.
    func send(_ count: Int, at now: Int64) {
        guard connection.isOpen else { return }
        var left = count
        while left > 0 {
            let batch = ledger.send(upTo: left, at: now)
            connection.send(batch)
            left -= batch.count
        }
        thread.tally.awaited += count
    }

    /// Sends one that was due before, unless too much waits already.
    func send(due: Int64, at now: Int64) {
        guard connection.isOpen, ledger.outstandingCount < EchoWork.outstandingMax,
            connection.queuedBytes < ClientConnection.queuedBytesMax
        else {
            thread.tally.unsent += 1
            return
        }
        if thread.window.contains(due) { thread.tally.delay.record(now - due) }
        thread.tally.awaited += 1
        connection.send(ledger.send(upTo: 1, at: due))
    }

    func received(
        _ bytes: Span<UInt8>,
        _ kind: WebSocketMessage.Kind,
        endsMessage: Bool,
        at now: Int64
    ) {
        switch ledger.receive(bytes, kind, endsMessage: endsMessage) {
        case .echo(let since):
            thread.complete(since: since, at: now, counted: isOpenLoop ? since : now)
        case .wrong: thread.tally.wrong += 1
        case .unexpected: thread.tally.unexpected += 1
        case nil: break
        }
    }

    func readEnded(at now: Int64) {
        let count = ledger.takeReplyCount()
        thread.tally.awaited -= count
        if !isOpenLoop, work.isSending { send(count, at: now) }
    }

    func ended(_ end: ConnectionEnd, wasOpen: Bool) { thread.ended(end, wasOpen: wasOpen) }

    func close() { connection.close() }
}
