import Primitives
import Transport
import Wire

/// Opens connections and closes them, in good order, over and over.
final class ConnectWork: LoadWork {
    /// A server that fails so often is left alone.
    static let failuresMax = 1_000

    private let thread: LoadThread
    private var isOpening = false

    init(_ thread: LoadThread) { self.thread = thread }

    func user(of connection: ClientConnection) -> any ClientConnectionUser {
        ConnectClient(connection, thread, self)
    }

    func begin(at start: Instant) {
        isOpening = true
        let (plan, index) = (thread.plan, thread.index)
        for number in stride(from: index, to: plan.connections, by: plan.threadCount) {
            open(number)
        }
    }

    func end() { isOpening = false }

    func close() {}

    fileprivate func open(_ number: Int) {
        guard isOpening, thread.tally.notOpened + thread.tally.lost < Self.failuresMax else {
            return
        }
        let connection = ClientConnection(number: number, loop: thread.loop)
        thread.start(connection, for: user(of: connection))
    }
}

/// One connection from its first packet to its last.
private final class ConnectClient: ClientConnectionUser {
    private let connection: ClientConnection
    private let thread: LoadThread
    private let work: ConnectWork
    private let began = BootClock.now.nanoseconds
    private var latency: Int64 = 0

    init(_ connection: ClientConnection, _ thread: LoadThread, _ work: ConnectWork) {
        self.connection = connection
        self.thread = thread
        self.work = work
    }

    func opened() {
        latency = BootClock.now.nanoseconds - began
        thread.opened()
        connection.close()
    }

    func ended(_ end: ConnectionEnd, wasOpen: Bool) {
        if end == .closedHere {
            let now = BootClock.now.nanoseconds
            thread.complete(since: now - latency, at: now, counted: now)
        }
        thread.ended(end, wasOpen: wasOpen)
        work.open(connection.number)
    }
}
