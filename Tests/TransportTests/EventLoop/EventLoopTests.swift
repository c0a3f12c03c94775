import Primitives
import Synchronization
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
    private let loop: TestLoop

    init() throws { loop = try TestLoop() }

    @Test func `the jobs of each thread run in its order, and none is lost`() async throws {
        let (threads, jobs) = (8, 1_000)
        let log = Watched<[[Int]]>(Array(repeating: [], count: threads))
        try await withThrowingTaskGroup { group in
            for thread in 0..<threads {
                group.addTask { [loop] in
                    try await blocking {
                        for job in 0..<jobs {
                            loop.loop.execute { log.update { $0[thread].append(job) } }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let done = try await log.until("all jobs") { $0.allSatisfy { $0.count == jobs } }
        #expect(done.allSatisfy { $0 == Array(0..<jobs) })
    }

    @Test func `a job that the loop hands itself runs later, after those before it`() async throws {
        let log = Watched<[Int]>([])
        try await loop.run { [loop] in
            loop.loop.execute { log.update { $0.append(2) } }
            loop.loop.execute { log.update { $0.append(3) } }
            log.update { $0.append(1) }
        }
        #expect(try await log.until("three") { $0.count == 3 } == [1, 2, 3])
    }

    @Test func `a sleeping loop is woken by every job`() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { [loop] in
                    for _ in 0..<500 { try await loop.run {} }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `the loop knows its own thread`() async throws {
        #expect(!loop.loop.isCurrent)
        let isCurrent = try await loop.run { [loop] in loop.loop.isCurrent }
        #expect(isCurrent)
    }

    @Test func `a value bound to a loop is run there, at once by the loop itself`() async throws {
        let bound = LoopBound(7, on: loop.loop)
        let log = Watched<[String]>([])
        bound.run { value in log.update { $0.append("from outside \(value)") } }
        try await loop.run {
            bound.execute { _ in log.update { $0.append("later") } }
            bound.run { _ in log.update { $0.append("at once") } }
        }
        let seen = try await log.until("three") { $0.count == 3 }
        #expect(seen == ["from outside 7", "at once", "later"])
        #expect(try await loop.run { bound.onLoop } == 7)
    }

    @Test func `an idle loop uses no processor`() async throws {
        try await loop.run { [loop] in loop.loop.schedule(after: .seconds(100)) {} }
        let used = try await loop.processorTime(during: .milliseconds(200))
        #expect(used < .milliseconds(20))
    }

    @Test func `a job without end leaves room for timers and descriptors`() async throws {
        let stream = try await StreamFixture()
        let isDone = Atomic(false)
        @Sendable func again() {
            if !isDone.load(ordering: .relaxed) { stream.loop.loop.execute(again) }
        }
        stream.loop.loop.execute(again)
        try stream.peer.send("hello")
        try await stream.received("hello")
        let fired = Watched(false)
        try await stream.loop.run {
            stream.loop.loop.schedule(after: .milliseconds(1)) { fired.update { $0 = true } }
        }
        try await fired.until("the timer", \.self)
        isDone.store(true, ordering: .relaxed)
    }

    @Test func `a write without end to a quick reader leaves room for jobs`() async throws {
        let stream = try await StreamFixture()
        let bytes = pattern(1_000)
        let isDone = Atomic(false)
        stream.recorder.reactions.update { reactions in
            reactions.drained = {
                if !isDone.load(ordering: .relaxed) { stream.stream.onLoop.write(bytes) }
            }
        }
        async let read = blocking { try stream.peer.receiveAll().count }
        try await stream.write(bytes)
        for _ in 0..<100 { try await stream.loop.run {} }
        isDone.store(true, ordering: .relaxed)
        try await stream.onStream { $0.close() }
        #expect(try await read >= 1_000)
    }
}

// MARK: - Timers

extension EventLoopTests {
    @Test func `timers fire in order and never early`() async throws {
        let log = Watched<[Int]>([])
        try await loop.run { [loop] in
            for (name, delay) in [(3, 30), (1, 10), (2, 20)] {
                let due = BootClock.now.advanced(by: .milliseconds(delay))
                loop.loop.schedule(at: due) {
                    log.update { $0.append(loop.loop.now < due ? -name : name) }
                }
            }
        }
        #expect(try await log.until("three timers") { $0.count == 3 } == [1, 2, 3])
    }

    @Test func `a timer can cancel another that is due in the same turn`() async throws {
        let log = Watched<[String]>([])
        try await loop.run { [loop] in
            var second: TimerID?
            loop.loop.schedule(at: .zero) {
                log.update { $0.append("first") }
                if let second { loop.loop.cancel(second) }
            }
            second = loop.loop.schedule(at: .zero) { log.update { $0.append("second") } }
            loop.loop.schedule(at: .zero) { log.update { $0.append("third") } }
        }
        let seen = try await log.until("the third") { $0.contains("third") }
        #expect(seen == ["first", "third"])
        let left = try await loop.run { [loop] in loop.loop.timerCount }
        #expect(left == 0)
    }

    @Test func `a timer that arms itself for now leaves room for jobs`() async throws {
        let isDone = Atomic(false)
        let count = Watched(0)
        try await loop.run { [loop] in
            @Sendable func again() {
                count.update { $0 += 1 }
                if !isDone.load(ordering: .relaxed) { loop.loop.schedule(at: .zero, again) }
            }
            loop.loop.schedule(at: .zero, again)
        }
        try await count.until("many turns") { $0 > 100 }
        try await loop.run { isDone.store(true, ordering: .relaxed) }
    }

    @Test func `a timer that arms itself for the past holds up no other`() async throws {
        let isDone = Atomic(false)
        let other = Watched(false)
        try await loop.run { [loop] in
            @Sendable func again() {
                if !isDone.load(ordering: .relaxed) { loop.loop.schedule(at: .zero, again) }
            }
            loop.loop.schedule(after: .milliseconds(20)) { other.update { $0 = true } }
            loop.loop.schedule(at: .zero, again)
        }
        try await other.until("the other timer", \.self)
        try await loop.run { isDone.store(true, ordering: .relaxed) }
    }

    @Test func `ten thousand timers are made, cancelled and fired`() async throws {
        let fired = Watched(0)
        try await loop.run { [loop] in
            let now = BootClock.now
            let timers = (0..<10_000).map { index in
                let due = index % 10 == 0 ? now : now.advanced(by: .seconds(1 + index % 50))
                return loop.loop.schedule(at: due) { fired.update { $0 += 1 } }
            }
            for (index, timer) in timers.enumerated() where index % 10 != 0 {
                loop.loop.cancel(timer)
            }
        }
        try await fired.until("every tenth timer") { $0 == 1_000 }
        let left = try await loop.run { [loop] in loop.loop.timerCount }
        #expect(left == 0)
    }
}

// MARK: - The executor

extension EventLoopTests {
    private actor Pinned {
        let loop: EventLoop
        var turns = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(loop: EventLoop) { self.loop = loop }

        func turn() async -> Bool {
            let before = loop.isCurrent
            await Task.yield()
            turns += 1
            return before && loop.isCurrent
        }
    }

    @Test func `an actor pinned to a loop runs there, before and after it waits`() async {
        let actor = Pinned(loop: loop.loop)
        await withTaskGroup { group in
            for _ in 0..<100 { group.addTask { await actor.turn() } }
            for await isOnLoop in group { #expect(isOnLoop) }
        }
        #expect(await actor.turns == 100)
    }

    @Test func `code on the loop is inside the actors that are pinned to it`() async throws {
        let actor = Pinned(loop: loop.loop)
        let turns = try await loop.run { actor.assumeIsolated { $0.turns } }
        #expect(turns == 0)
    }

    @Test func `a task that prefers the loop runs there`() async {
        let isCurrent = await Task(executorPreference: loop.loop) { [loop] in
            await Task.yield()
            return loop.loop.isCurrent
        }.value
        #expect(isCurrent)
    }
}

// MARK: - Stopping

extension EventLoopTests {
    @Test func `a loop that stops closes its connections and frees everything`() async throws {
        weak var weakLoop: EventLoop?
        let peer: Peer
        do {
            let stream = try await StreamFixture()
            peer = stream.peer
            weakLoop = stream.loop.loop
            try await stream.write("last words")
            try await stream.loop.run { [loop = stream.loop.loop] in
                loop.schedule(after: .seconds(100)) { _ = loop }
                loop.execute { loop.stop() }
            }
        }
        let text = try await blocking { try peer.receiveText() }
        #expect(text == "last words")
        // The thread of the loop is the last to hold it, for a moment.
        let end = BootClock.now.advanced(by: .seconds(deadlineSeconds))
        while weakLoop != nil, BootClock.now < end { await Task.yield() }
        #expect(weakLoop == nil)
    }

    @Test func `what is handed to a stopped loop is let go and does not run`() async throws {
        final class Token: Sendable {}
        let stopped = try EventLoop()
        weak var waiting: Token?
        weak var late: Token?
        do {
            let (first, second) = (Token(), Token())
            (waiting, late) = (first, second)
            stopped.execute { _ = (first, Issue.record("a job ran after the end")) }
            stopped.stop()
            stopped.execute { _ = (second, Issue.record("a job ran after the end")) }
        }
        try await blocking { stopped.run() }
        #expect(waiting == nil)
        #expect(late == nil)
    }
}
