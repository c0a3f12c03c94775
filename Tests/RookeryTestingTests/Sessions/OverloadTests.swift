import Rookery
import RookeryTesting
import Synchronization
import Testing

/// Is busy with the first thing that it is asked.
private actor Busy: DurableObject {
    static let environment = Mutex<Environment?>(nil)
    static let hang = ObjectCall("hang") { (busy: isolated Busy) in
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
@Suite(.timeLimit(.minutes(5)), .seeded) struct OverloadTests {
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
        var waiting = [Task { try await busy.call(Busy.hang) }]
        // It is at work on that one; the others wait.
        await cluster.advance(by: .seconds(1))
        for _ in 1...limit { waiting.append(Task { try await busy.call(Busy.hang) }) }
        await cluster.advance(by: .seconds(1))
        let error = await withTaskGroup(of: StubError?.self) { group in
            group.addTask {
                do {
                    try await busy.call(Busy.hang, within: .milliseconds(500))
                    return nil
                } catch {
                    return error as? StubError
                }
            }
            await cluster.advance(by: .seconds(1))
            return await group.next() ?? nil
        }
        #expect(error?.code == .overloaded)
        #expect(error?.overloaded == true)
        #expect(error?.retryable == false)
        for task in waiting { task.cancel() }
        await cluster.advance(by: .seconds(1))
        for task in waiting {
            let end = await #expect(throws: StubError.self) { try await task.value }
            #expect(end?.code == .cancelled)
        }
        // It is good for more.
        let answer = try await cluster.fetch("/objects/Busy/one", via: 0)
        #expect(answer.text == "here")
    }
}
