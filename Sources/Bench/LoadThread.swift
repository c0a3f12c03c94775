import Primitives
import Transport
import Wire

/// A URL, and where it leads.
struct BenchPlace: Sendable {
    let url: BenchURL
    let address: SocketAddress
}

/// What a thread does with its connections.
///
/// Lives on the thread's loop.
protocol LoadWork: AnyObject {
    /// Who uses a connection that is to be opened.
    func user(of connection: ClientConnection) -> any ClientConnectionUser
    /// The load begins.
    func begin(at start: Instant)
    /// Nothing new is sent, nor opened.
    func end()
    /// Those that are open are closed, in good order.
    func close()
}

/// One event loop of a measurement, and all that lives on it.
final class LoadThread {
    /// Handshakes in progress at a time; more make a server look slow that is merely asked at once.
    static let handshakesMax = 64

    let loop: EventLoop
    let plan: BenchPlan
    let index: Int
    var tally = BenchTally()
    /// What is measured, in nanoseconds of the boot clock.
    private(set) var window: Range<Int64> = 0..<0
    private let places: [BenchPlace]
    private let handshake: ClientHandshake
    private var work: (any LoadWork)?
    private var unopened: [Int]
    private var handshakes = 0
    private(set) var openCount = 0

    /// Connections are opened from the last of the `numbers` on.
    init(_ plan: BenchPlan, places: [BenchPlace], index: Int, numbers: [Int], loop: EventLoop) {
        self.plan = plan
        self.places = places
        self.index = index
        self.loop = loop
        unopened = numbers
        var random = loop.entropy
        handshake = ClientHandshake(headers: plan.headers, using: &random)
    }

    /// Begins to open all connections.
    func open(_ work: any LoadWork) {
        self.work = work
        openMore()
    }

    /// True when every connection is open, or will not be.
    var isSettled: Bool { unopened.isEmpty && handshakes == 0 }

    /// The load begins; what is due, or completed, in `window` is measured.
    func begin(at start: Instant, measuring window: Range<Int64>) {
        self.window = window
        work?.begin(at: start)
    }

    func end() { work?.end() }

    func close() {
        unopened = []
        work?.close()
    }

    /// Cuts the knot of those who hold each other.
    func letGo() { work = nil }

    private func openMore() {
        while handshakes < Self.handshakesMax, let work, let number = unopened.popLast() {
            let connection = ClientConnection(number: number, loop: loop)
            start(connection, for: work.user(of: connection))
        }
    }

    /// Opens a connection, to the URL whose turn it is.
    func start(_ connection: ClientConnection, for user: any ClientConnectionUser) {
        handshakes += 1
        // The sender of a fan-out has the number behind the last receiver's.
        let isSender = plan.work == .fanout && connection.number == plan.connections
        let place = places[isSender ? 0 : connection.number % places.count]
        connection.open(place, handshake, for: user)
    }

    /// A timer for what is due; without one nothing is sent, and the report says why.
    func makeTimer(_ fired: @escaping () -> Void) -> PreciseTimer? {
        do {
            return try PreciseTimer(on: loop, fired: fired)
        } catch {
            tally.firstEnd = tally.firstEnd ?? .failed(error)
            return nil
        }
    }

    // MARK: - What connections tell

    func opened() {
        handshakes -= 1
        openCount += 1
        tally.opened += 1
        openMore()
    }

    func ended(_ end: ConnectionEnd, wasOpen: Bool) {
        if wasOpen {
            openCount -= 1
        } else {
            handshakes -= 1
            tally.notOpened += 1
        }
        guard end != .closedHere else { return }
        if wasOpen { tally.lost += 1 }
        tally.firstEnd = tally.firstEnd ?? end
        openMore()
    }

    /// Counts something that was due at `since` and is complete now, if `counted` is measured.
    func complete(since: Int64, at now: Int64, counted: Int64) {
        guard window.contains(counted) else { return }
        tally.complete(now - since)
    }
}
