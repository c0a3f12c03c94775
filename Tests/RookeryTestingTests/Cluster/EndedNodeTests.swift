import Rookery
import RookeryTesting
import Synchronization
import Testing

/// Lets its test have its context, and answers nothing.
private actor Lender: DurableObject {
    static let contexts = Mutex<[String: ObjectContext]>([:])
    static let hang = ObjectCall("hang") { (lender: isolated Lender) in
        try await lender.context.clock.sleep(for: .seconds(3_600))
    }
    static let calls: [any AnyObjectCall] = [hang]

    /// The latest socket of a name.
    static let sockets = Mutex<[String: WebSocket]>([:])

    let context: ObjectContext

    init(context: ObjectContext) {
        self.context = context
        Self.contexts.withLock { $0[context.name] = context }
    }

    func webSocketOpen(_ socket: WebSocket) {
        Self.sockets.withLock { $0[context.name] = socket }
    }

    func fetch(_ request: Request) -> Response {
        request.webSocket == nil ? .text("here") : .upgrade
    }
}

/// Tasks that wait for something of a node that is killed: none is forgotten.
@Suite(.timeLimit(.minutes(15)), .seeded) struct EndedNodeTests {
    private func context(_ name: String, _ cluster: TestCluster) async throws -> ObjectContext {
        _ = try await cluster.fetch("/objects/Lender/\(name)", via: 0)
        return try #require(Lender.contexts.withLock { $0[name] })
    }

    @Test(arguments: [false, true])
    func `a sleep on its clock ends with the node`(isBegun: Bool) async throws {
        let cluster = try await TestCluster(nodes: 1, seed: 51, objects: [Lender.self])
        let clock = try await context("sleep-\(isBegun)", cluster).clock
        let task = Task { try await clock.sleep(for: .seconds(3_600)) }
        if isBegun { await cluster.advance(by: .seconds(1)) }
        await cluster.kill(0)
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(arguments: [false, true])
    func `a call that waits is interrupted by the end of the node`(isBegun: Bool) async throws {
        let cluster = try await TestCluster(nodes: 1, seed: 52, objects: [Lender.self])
        let env = try await context("call-\(isBegun)", cluster).env
        let task = Task { try await env.object(Lender.self, named: "other").call(Lender.hang) }
        if isBegun { await cluster.advance(by: .seconds(1)) }
        await cluster.kill(0)
        let error = await #expect(throws: StubError.self) { try await task.value }
        #expect(error?.code == .interrupted)
        #expect(error?.retryable == false)
    }

    @Test func `who waits for a client to drain is told that the node has ended`() async throws {
        let cluster = try await TestCluster(nodes: 1, seed: 53, objects: [Lender.self])
        let client = try await cluster.webSocket("/objects/Lender/drain", via: 0)
        try await cluster.wait(for: "the socket") {
            Lender.sockets.withLock { $0["drain"] } != nil
        }
        let socket = try #require(Lender.sockets.withLock { $0["drain"] })
        await client.pauseReading()
        let task = Task {
            for _ in 1...20 { socket.send([UInt8](repeating: 0, count: 32 << 10)) }
            try await socket.drained()
        }
        await cluster.advance(by: .seconds(1))
        await cluster.kill(0)
        await #expect(throws: DrainError.closed) { try await task.value }
    }
}
