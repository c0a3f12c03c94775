import Rookery
import RookeryTesting
import Synchronization
import Testing

/// Is busy with the first thing that it is asked.
private actor Busy: DurableObject {
    static let environment = Mutex<Environment?>(nil)
    static let begun = Mutex(0)
    static let ended = Mutex(0)
    static let hang = ObjectCall("hang") { (busy: isolated Busy) in
        Busy.begun.withLock { $0 += 1 }
        try await busy.context.clock.sleep(for: .seconds(3_600))
    }
    static let calls: [any AnyObjectCall] = [hang]

    let context: ObjectContext

    init(context: ObjectContext) {
        self.context = context
        Self.environment.withLock { $0 = context.env }
    }

    func fetch(_ request: Request) -> Response { .text("here") }
}

/// What a caller is told by an object that has too much to do.
@Suite(.timeLimit(.minutes(15)), .seeded) struct OverloadTests {
    @Test func `as many calls wait as the limit says, and one more is refused as overload`()
        async throws
    {
        let limit = 16
        let cluster = try await TestCluster(
            nodes: 1,
            seed: 35,
            objects: [Busy.self],
            settings: ["limit.inbox_frames=\(limit)"]
        )
        _ = try await cluster.fetch("/objects/Busy/helper", via: 0)
        let busy = try #require(Busy.environment.withLock { $0 }).object(Busy.self, named: "one")
        var calls = [call(busy)]
        try await cluster.wait(for: "the first call", within: Self.patience) {
            Busy.begun.withLock { $0 } > 0
        }
        // In which order the others come is left open; that one is too many is not.
        for _ in 0...limit { calls.append(call(busy)) }
        try await cluster.wait(for: "the end of a call", within: Self.patience) {
            Busy.ended.withLock { $0 } > 0
        }
        for call in calls { call.cancel() }
        await cluster.advance(by: .seconds(1))
        var errors: [StubError] = []
        for call in calls {
            let error = await #expect(throws: StubError.self) { try await call.value }
            errors.append(try #require(error))
        }
        let refused = errors.filter(\.overloaded)
        #expect(refused.map(\.code) == [.overloaded])
        #expect(refused.first?.retryable == false)
        #expect(errors.count { $0.code == .cancelled } == limit + 1)
        // It is good for more.
        let answer = try await cluster.fetch("/objects/Busy/one", via: 0)
        #expect(answer.text == "here")
    }

    /// In the time of the cluster, which runs ahead of a machine that is busy.
    private static let patience = Duration.seconds(300)

    private func call(_ busy: ObjectStub<Busy>) -> Task<Void, any Error> {
        Task {
            defer { Busy.ended.withLock { $0 += 1 } }
            try await busy.call(Busy.hang, within: Self.patience * 4)
        }
    }
}
