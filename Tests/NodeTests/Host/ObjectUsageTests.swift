import Primitives
import Synchronization
import Testing
import Transport
import Wire

@testable import Node

@Suite(.onTestLoop) struct ObjectUsageTests {
    /// One object of a class on a host of its own; lives on the loop of the tests.
    private final class Scene {
        let host: ObjectHost
        let place: ObjectPlace
        private(set) var answers = 0

        init(_ type: any DurableObject.Type) throws {
            let key = try #require(ObjectKey(className: type.className, name: "busy"))
            let routes = ObjectHostFixture.routes(
                epoch: 1,
                owner: ObjectHostFixture.local,
                isReady: true
            )
            let lease = LeaseCell()
            lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
            place = ObjectPlace(
                key: key,
                partition: routes.view.partition(of: key),
                epoch: routes.view.epoch
            )
            host = ObjectHost(
                node: ObjectHostFixture.local,
                registry: try ObjectRegistry([type]),
                settings: HostSettings(),
                lease: lease,
                routes: routes,
                log: Log(subsystem: "test") { _ in },
                loop: TestLoop.shared
            )
        }

        func ask(_ target: String, body: [UInt8] = []) async throws {
            let before = answers
            begin(target, body: body)
            try await wait(for: before + 1)
        }

        func begin(_ target: String, body: [UInt8] = []) {
            begin(Request(method: .post, target: target, headers: [:], body: body))
        }

        func begin(_ request: Request) {
            host.fetch(request, of: place) { [self] _ in answers += 1 }
        }

        func wait(for count: Int) async throws {
            try await eventually("an answer", every: .milliseconds(1)) {
                answers >= count ? () : nil
            }
        }

        var usage: ObjectUsage { host.hosted(place.key)?.usage ?? ObjectUsage() }
        var milliseconds: Double { Double(usage.handlerNanoseconds) / 1e6 }
    }

    @Test func `messages and their bytes are counted, and when the last one came`() async throws {
        let scene = try Scene(BusyObject.self)
        let start = BootClock.now
        try await scene.ask("/")
        try await scene.ask("/", body: [1, 2, 3])
        #expect(scene.usage.messages == 2)
        #expect(scene.usage.bytes == 3)
        let lastEvent = try #require(scene.host.hosted(scene.place.key)?.live?.lastEvent)
        #expect(lastEvent > start)
        #expect(lastEvent <= BootClock.now)
    }

    @Test func `what it has used outlives its sleep, in little space`() throws {
        var usage = ObjectUsage()
        #expect(MemoryLayout<ObjectUsage>.size == 32)
        #expect(usage.asleepSince == nil)
        let (last, now) = (Instant(nanoseconds: 5_123_000_000), Instant(nanoseconds: 6_000_000_000))
        usage.fellAsleep(at: now, lastEvent: last)
        #expect(usage.asleepSince == now)
        #expect(usage.lastEventBefore == Instant(nanoseconds: 5_100_000_000))
        usage.fellAsleep(at: .distantFuture, lastEvent: nil)
        #expect(usage.lastEventBefore == Instant(nanoseconds: 5_100_000_000))
    }

    @Test func `a typed call is charged as well`() async throws {
        let scene = try Scene(BusyObject.self)
        var request = Request(method: .post, target: "spin", headers: [:], body: Array("5".utf8))
        request.origin.call = LinkCall(name: "spin", chain: [])
        scene.begin(request)
        try await scene.wait(for: 1)
        #expect(scene.milliseconds >= 20)
        #expect(TestLoop.shared.account == nil)
    }

    @Test func `a handler is charged for what it does`() async throws {
        let scene = try Scene(BusyObject.self)
        let start = BootClock.now
        try await scene.ask("/spin")
        let elapsed = start.duration(to: BootClock.now).inSeconds * 1_000
        #expect(scene.milliseconds >= 10)
        #expect(scene.milliseconds <= elapsed)
    }

    /// Between two waits, too, where nothing but the loop says whose job it is.
    ///
    /// The test is on the loop as the handler is: while it looks at the clock the handler waits,
    /// however busy the machine.
    @Test func `a handler is charged for what it does, and not for waiting`() async throws {
        let scene = try Scene(BusyObject.self)
        let start = BootClock.now
        scene.begin("/held")
        var waited = Duration.zero
        for _ in 1...2 {
            let held = try await eventually("the handler waits", every: .milliseconds(1)) {
                BusyObject.held.withLock { $0.take() }
            }
            let stopped = BootClock.now
            try await Task.sleep(for: .milliseconds(100))
            waited += stopped.duration(to: BootClock.now)
            held.resume()
        }
        try await scene.wait(for: 1)
        let busy = start.duration(to: BootClock.now) - waited
        #expect(scene.milliseconds >= 30)
        #expect(scene.milliseconds <= busy.inSeconds * 1_000)
    }

    @Test func `time that others take is theirs`() async throws {
        let (scene, other) = (try Scene(BusyObject.self), try Scene(BusyObject.self))
        scene.begin("/wait")
        for _ in 1...10 { try await other.ask("/spin") }
        try await scene.wait(for: 1)
        #expect(other.milliseconds >= 100)
        #expect(scene.milliseconds >= 30)
        // What a busy machine takes from one is in its time as well.
        let all = scene.milliseconds + other.milliseconds
        #expect(scene.milliseconds < all / 2)
    }

    @Test func `when nothing is done nothing is charged`() async throws {
        let scene = try Scene(BusyObject.self)
        try await scene.ask("/")
        let before = scene.usage.handlerNanoseconds
        try await Task.sleep(for: .milliseconds(50))
        #expect(scene.usage.handlerNanoseconds == before)
        #expect(TestLoop.shared.account == nil)
    }
}

private actor BusyObject: DurableObject {
    static let calls: [any AnyObjectCall] = [
        ObjectCall("spin") { (object: isolated BusyObject, count: Int) async -> Int in
            object.spin()
            await Task.yield()
            object.spin()
            return count
        }
    ]

    /// Who waits for the test "and not for waiting".
    static let held = Mutex<CheckedContinuation<Void, Never>?>(nil)

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) async throws -> Response {
        switch request.target {
        case "/spin": spin()
        case "/wait":
            spin()
            try await Task.sleep(for: .milliseconds(100))
            spin()
            try await Task.sleep(for: .milliseconds(100))
            spin()
        case "/held":
            spin()
            await hold()
            spin()
            await hold()
            spin()
        default: break
        }
        return .text("done")
    }

    /// Waits for the one test that lets it go on.
    private func hold() async {
        await withCheckedContinuation { waiting in Self.held.withLock { $0 = waiting } }
    }

    /// Ten milliseconds.
    private func spin() {
        let end = BootClock.now.advanced(by: .milliseconds(10))
        while BootClock.now < end {}
    }
}
