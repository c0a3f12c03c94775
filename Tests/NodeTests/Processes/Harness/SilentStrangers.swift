import Primitives
import Transport

/// Connections that come to some ports all the time, 500 a second to each, and say nothing.
///
/// Each ends when the other side ends it.
actor SilentStrangers {
    private static let interval = Duration.milliseconds(10)
    private static let countAtOnce = 5

    private let ports: [SocketAddress]
    private var timer: TimerID?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        TestLoop.clients.asUnownedSerialExecutor()
    }

    init(at ports: [SocketAddress]) { self.ports = ports }

    func begin() {
        let loop = TestLoop.clients
        for port in ports {
            for _ in 0..<Self.countAtOnce {
                Connector.connect(to: port, loop: loop, timeout: Deadline.patience) { result in
                    // Without a delegate it is closed as soon as it hears anything.
                    if case .success(let stream) = result { try? stream.start() }
                }
            }
        }
        timer = loop.schedule(after: Self.interval) { [self] in assumeIsolated { $0.begin() } }
    }

    func end() {
        if let timer { TestLoop.clients.cancel(timer) }
        timer = nil
    }
}
