import Primitives
import Wire

/// Holds the connections of a thread, and sends nothing but the answers to pings.
final class IdleWork: LoadWork {
    private let thread: LoadThread
    private var connections: [ClientConnection] = []

    init(_ thread: LoadThread) { self.thread = thread }

    func user(of connection: ClientConnection) -> any ClientConnectionUser {
        connections.append(connection)
        return SilentClient(thread)
    }

    func begin(at start: Instant) {}

    func end() {}

    func close() {
        for connection in connections { connection.close() }
        connections = []
    }
}

/// Takes what comes without a look at it.
final class SilentClient: ClientConnectionUser {
    private let thread: LoadThread

    init(_ thread: LoadThread) { self.thread = thread }

    func opened() { thread.opened() }

    func ended(_ end: ConnectionEnd, wasOpen: Bool) { thread.ended(end, wasOpen: wasOpen) }
}
