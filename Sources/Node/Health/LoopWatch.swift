import Primitives
import Synchronization
import Transport
import Wire

/// Watches the event loops of a node from outside of them: says in the log when one does not turn,
/// and answers for the admin side while the control loop does not.
///
/// On a thread of its own that sleeps: a queue's timer would wake two threads each time.
final class LoopWatch: Sendable {
    private let health: LoopHealth
    private let standIn: StandIn
    private let log: Log
    private let stalled = Mutex<Set<Int>>([])
    private let isEnded = Atomic(false)

    init(_ health: LoopHealth, admin: Listener, log: Log) throws(SocketError) {
        self.health = health
        self.log = log
        standIn = StandIn(for: admin)
        try SystemCall.startThread { [weak self] in
            var delay = self?.interval
            while let next = delay { delay = self?.look(after: next) }
        }
    }

    /// To be called before the listener of the admin side is let go of.
    func end() {
        isEnded.store(true, ordering: .relaxed)
        standIn.end()
    }

    private var interval: Duration { min(.milliseconds(250), health.limit / 4) }

    /// Returns when to look again; nil at the end.
    private func look(after delay: Duration) -> Duration? {
        let began = BootClock.now
        SystemCall.sleep(for: delay)
        guard !isEnded.load(ordering: .relaxed) else { return nil }
        let stall = began.duration(to: BootClock.now) - delay
        guard stall > health.limit else {
            look()
            return interval
        }
        // Then no loop can have turned, whatever runs on it: each has its time once more.
        tellOfStall(stall)
        return health.limit
    }

    private func tellOfStall(_ stall: Duration) {
        log.warning(
            "this process did not run: it was stopped, or had no processor",
            ["for": "\(stall.milliseconds)ms"]
        )
    }

    private func look() {
        let now = health.stalled
        tell(now)
        guard now.first?.index == 0 else { return }
        let body = HealthReport(question: .live, checks: [health.check]).json(hasReasons: false)
        let wait = Int32(clamping: interval.milliseconds)
        standIn.serve(milliseconds: wait) { Self.answer(to: $0, body) }
    }

    /// The control loop would say who may ask for more than this.
    private static func answer(to firstLine: String, _ body: [UInt8]) -> [UInt8] {
        let isHead = firstLine.hasPrefix("HEAD ")
        let head = [
            "HTTP/1.1 503 Service Unavailable", "Content-Type: application/json",
            "Content-Length: \(body.count)", "Connection: close",
        ]
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (isHead ? [] : body)
    }

    private func tell(_ now: [(index: Int, time: Duration)]) {
        let (new, former) = stalled.withLock { stalled in
            let former = stalled
            stalled = Set(now.map(\.index))
            return (stalled, former)
        }
        for stall in now where !former.contains(stall.index) {
            log.error(
                "an event loop does not turn: a handler may block its thread",
                ["loop": "\(stall.index)", "for": "\(stall.time.milliseconds)ms"]
            )
        }
        for index in former.subtracting(new).sorted() {
            log.warning("the event loop turns again", ["loop": "\(index)"])
        }
    }
}
