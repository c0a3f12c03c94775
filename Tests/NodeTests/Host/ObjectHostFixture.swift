import Placement
import Primitives
import Synchronization
import Testing
import Transport

@testable import Node

/// The objects of one loop of a node that does not exist; lives on the loop of the tests.
final class ObjectHostFixture {
    static let local = node(1)
    static let other = node(2)

    let lease = LeaseCell()
    let host: ObjectHost
    let key: ObjectKey
    let place: ObjectPlace
    let latch = Latch()
    /// What each request was answered with, by its number.
    private(set) var answers: [Int: [ObjectAnswer]] = [:]
    private(set) var isStopped = false

    /// The one object is a `LatchObject` of a name of its own.
    init(
        isReady: Bool = true,
        drainTime: Duration = .seconds(60),
        objectsMax: Int = HostSettings().objectsMax,
        log: Log = Log(subsystem: "test") { _ in }
    ) throws {
        var settings = HostSettings()
        settings.objectsMax = objectsMax
        settings.drainTime = drainTime
        key = try #require(ObjectKey(className: "LatchObject", name: "\(SessionID.random())"))
        LatchObject.latches.withLock { [key, latch] in $0[key.name] = latch }
        let routes = Self.routes(epoch: 1, owner: Self.local, isReady: isReady)
        place = ObjectPlace(
            key: key,
            partition: routes.view.partition(of: key),
            epoch: routes.view.epoch
        )
        host = ObjectHost(
            node: Self.local,
            registry: try ObjectRegistry([LatchObject.self]),
            settings: settings,
            lease: lease,
            routes: routes,
            log: log,
            loop: TestLoop.shared
        )
        extendLease()
    }

    /// Made once: a table of 65,536 partitions takes its time.
    private static let first = newRoutes(epoch: 1, owner: local, isReady: true)
    private static let lost = newRoutes(epoch: 2, owner: other, isReady: false)

    static func routes(epoch: UInt64, owner: NodeID, isReady: Bool) -> RouteTable {
        if epoch == 1, owner == local, isReady { return first }
        if epoch == 2, owner == other, !isReady { return lost }
        return newRoutes(epoch: epoch, owner: owner, isReady: isReady)
    }

    private static func newRoutes(epoch: UInt64, owner: NodeID, isReady: Bool) -> RouteTable {
        let view = PlacementView.empty(key: .zero)
            .next(members: [PlacementMember(id: owner)], epoch: Epoch(epoch))
        let ready = isReady ? view.table.partitions(ownedBy: local) : PartitionSet()
        return RouteTable(node: local, view: view, ready: ready)
    }

    func extendLease() { lease.extend(until: BootClock.now.advanced(by: .seconds(60))) }

    func request(_ number: Int) {
        let request = Request(method: .get, target: "\(number)", headers: [:])
        host.fetch(request, of: place) { [self] in answers[number, default: []].append($0) }
    }

    /// Asks another object of the same class, which answers at once.
    func request(_ number: Int, of name: String) throws {
        let key = try #require(ObjectKey(className: "LatchObject", name: name))
        let view = host.routes.view
        let place = ObjectPlace(
            key: key,
            partition: view.partition(of: key),
            epoch: view.epoch
        )
        let request = Request(method: .get, target: "\(number)", headers: [:])
        host.fetch(request, of: place) { [self] in answers[number, default: []].append($0) }
    }

    /// A view gives all to the other node, and the object is to go.
    func stop() {
        host.update(Self.routes(epoch: 2, owner: Self.other, isReady: false))
        host.stop(PartitionSet([place.partition])) { [self] in isStopped = true }
    }

    /// The status that request `number` was answered with, or "moved"; nil before.
    func answer(to number: Int) throws -> String? {
        guard let all = answers[number] else { return nil }
        try #require(all.count == 1, "request \(number) is answered \(all.count) times")
        return switch all[0] {
        case .response(let response): "\(response.status)"
        case .moved: "moved"
        }
    }

    /// Makes a request, and returns when the instance is at work on it.
    func begin(_ number: Int) async throws {
        request(number)
        try await eventually("request \(number) is at work") { latch.waiterCount == 1 }
    }

    /// Lets the instance end the one event that it is at work on.
    func finishEvent() async throws {
        latch.open()
        try await eventually("the instance is done") { latch.passedCount == 1 }
    }

    /// Returns when every task of the loop that can go on has done so.
    func settle() async {
        for _ in 1...10 { await Task.yield() }
    }
}

/// Answers a request when its latch is open.
actor LatchObject: DurableObject {
    /// By the name of the object.
    static let latches = Mutex<[String: Latch]>([:])

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) async throws -> Response {
        let latch = Self.latches.withLock { $0[context.key.name] }
        await latch?.wait()
        latch?.pass()
        return .text(request.target)
    }
}

/// Lets everyone through once it is open.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var passedCount = 0
    }

    private let state = Mutex(State())

    var waiterCount: Int { state.withLock { $0.waiters.count } }
    /// How many have gone through, and to whatever they do next without a pause.
    var passedCount: Int { state.withLock { $0.passedCount } }

    func pass() { state.withLock { $0.passedCount += 1 } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.isOpen = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
