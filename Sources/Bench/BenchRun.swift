import Primitives
import Transport
import Wire

/// One measurement, from the first connection to the report.
package struct BenchRun: Sendable {
    /// How far it is; told once a second.
    package struct Progress: Sendable {
        package let seconds: Int
        package let completedPerSecond: Int
    }

    /// Descriptors that are needed besides those of the connections.
    package static let spareDescriptors = 64
    /// How long one may wait for all connections to be open.
    static let openingTimeMax = Duration.seconds(120)
    /// How long is waited for what is still to come when the time is over.
    static let drainTime = Duration.seconds(3)
    /// How long is waited for the server to close what was closed.
    static let closingTime = Duration.seconds(3)
    /// How often is looked whether something has come to pass.
    private static let lookInterval = Duration.milliseconds(5)

    private typealias Thread = LoopBound<LoadThread>

    private let plan: BenchPlan
    private let threads: [Thread]

    /// Measures as `plan` says; `progress` is called once a second, if there is one.
    ///
    /// Throws a `BenchError` when nothing could be measured. Anything that goes wrong afterwards is in
    /// the report.
    package static func run(
        _ plan: BenchPlan,
        progress: (@Sendable (Progress) -> Void)? = nil
    ) async throws -> BenchReport {
        let places = try await places(of: plan.urls)
        if let pid = plan.pids.first(where: { ServerUsage.read($0) == nil }) {
            throw BenchError.noProcess(pid)
        }
        let before = usage(of: plan)
        let run = try BenchRun(plan, places)
        defer { for thread in run.threads { thread.loop.stop() } }
        let began = BootClock.now
        try await run.open()
        let openSeconds = began.duration(to: BootClock.now).inSeconds
        let open = usage(of: plan)
        var span = await run.measure(progress)
        span.openSeconds = openSeconds
        span.usage = [before, open] + span.usage
        let report = span.report(of: plan, await run.conclude())
        guard plan.work != .connect || report.completed > 0 else {
            throw BenchError.nothingCompleted(first: report.faults.firstEnd ?? "no time")
        }
        return report
    }

    private init(_ plan: BenchPlan, _ places: [BenchPlace]) throws {
        self.plan = plan
        let count = plan.threadCount
        threads = try (0..<count).map { index in
            let loop = try EventLoop(index: index)
            // The sender of a fan-out, which has the last number, belongs to the first thread.
            let own = Array(stride(from: index, to: plan.connections, by: count))
            let numbers = index == 0 ? own + Array(plan.connections..<plan.connectionCount) : own
            let thread = LoadThread(
                plan,
                places: places,
                index: index,
                numbers: plan.work == .connect ? [] : numbers,
                loop: loop
            )
            return LoopBound(thread, on: loop)
        }
        for thread in threads { try thread.loop.start() }
    }

    private static func places(of urls: [BenchURL]) async throws -> [BenchPlace] {
        let worker = kernel.makeBlockingWorker("bench.resolver")
        var places: [BenchPlace] = []
        for url in urls {
            let addresses = await withCheckedContinuation { answer in
                worker {
                    answer.resume(returning: kernel.addresses(of: url.host, port: url.port))
                }
            }
            // Of a name with both, such as localhost, servers more often listen on the old one.
            guard let address = addresses.first(where: \.isV4) ?? addresses.first else {
                throw BenchError.unknownHost(url.host)
            }
            places.append(BenchPlace(url: url, address: address))
        }
        return places
    }

    private static func usage(of plan: BenchPlan) -> ServerUsage? {
        ServerUsage.read(plan.pids)
    }
}

// MARK: - Its parts

extension BenchRun {
    private func open() async throws {
        let plan = plan
        let stock = MessageStock(
            payloadBytes: plan.work == .echo ? plan.payloadBytes : 0,
            isText: plan.isText,
            seed: kernel.randomBits()
        )
        let message = FanOutMessage(
            run: UInt32(truncatingIfNeeded: kernel.randomBits()),
            payloadBytes: plan.work == .fanout ? plan.payloadBytes : 0
        )
        let deliveries = DeliveryCount()
        for thread in threads {
            thread.execute { thread in
                switch plan.work {
                case .echo: thread.open(EchoWork(thread, stock))
                case .fanout: thread.open(FanOutWork(thread, message, deliveries))
                case .idle: thread.open(IdleWork(thread))
                case .connect: thread.open(ConnectWork(thread))
                }
            }
        }
        let isDone = await eventually(within: Self.openingTimeMax) {
            await ask { $0.isSettled || $0.tally.notOpened > 0 }.allSatisfy(\.self)
        }
        let tally = await tallyOfAll()
        if let first = tally.firstEnd { throw BenchError.notOpened(first: "\(first)") }
        guard isDone else {
            throw BenchError.slow(opened: tally.opened, of: plan.connectionCount)
        }
    }

    private func measure(_ progress: (@Sendable (Progress) -> Void)?) async -> BenchSpan {
        let start = BootClock.now
        let begin = start.advanced(by: .seconds(plan.warmup))
        let end = begin.advanced(by: .seconds(plan.seconds))
        let window = begin.nanoseconds..<end.nanoseconds
        for thread in threads { thread.execute { $0.begin(at: start, measuring: window) } }
        await sleep(until: begin)
        let (firstTimes, firstUsage) = (await times(), Self.usage(of: plan))
        let seconds = await watch(until: end, from: begin, progress)
        let (lastTimes, lastUsage) = (await times(), Self.usage(of: plan))
        return BenchSpan(
            usage: [firstUsage, lastUsage],
            times: [firstTimes, lastTimes],
            seconds: seconds
        )
    }

    /// Returns for how many seconds there was something to measure.
    private func watch(
        until end: Instant,
        from begin: Instant,
        _ progress: (@Sendable (Progress) -> Void)?
    ) async -> Double {
        var seconds = 0
        var completedBefore = 0
        while true {
            seconds += 1
            let next = begin.advanced(by: .seconds(seconds))
            guard next < end else { break }
            await sleep(until: next)
            let tally = await tallyOfAll()
            // Nobody is left to answer.
            if plan.work != .connect, tally.lost >= tally.opened {
                return begin.duration(to: BootClock.now).inSeconds
            }
            let completed = tally.completed - completedBefore
            completedBefore = tally.completed
            progress?(Progress(seconds: seconds, completedPerSecond: completed))
        }
        await sleep(until: end)
        return plan.seconds
    }

    /// Waits for what is to come, closes everything, and returns all that was counted.
    private func conclude() async -> BenchTally {
        for thread in threads { thread.execute { $0.end() } }
        _ = await eventually(within: Self.drainTime) {
            let left = await ask { (awaited: $0.tally.awaited, open: $0.openCount) }
            return left.reduce(0) { $0 + $1.awaited } == 0 || left.allSatisfy { $0.open == 0 }
        }
        let awaited = await tallyOfAll().awaited
        for thread in threads { thread.execute { $0.close() } }
        _ = await eventually(within: Self.closingTime) {
            await ask { $0.openCount == 0 && $0.isSettled }.allSatisfy(\.self)
        }
        var tally = await tallyOfAll()
        tally.awaited = awaited
        _ = await ask { $0.letGo() }
        return tally
    }

    private func tallyOfAll() async -> BenchTally {
        let all = await ask { $0.tally }
        return all.dropFirst().reduce(into: all[0]) { $0.merge($1) }
    }

    private func times() async -> [BenchSpan.ThreadTime] {
        await ask { _ in
            BenchSpan.ThreadTime(
                now: BootClock.now,
                used: ThreadClock.used,
                waited: ThreadClock.waited ?? .zero
            )
        }
    }

    private func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (LoadThread) -> Answer
    ) async -> [Answer] {
        var answers: [Answer] = []
        for thread in threads {
            answers.append(
                await withCheckedContinuation { answer in
                    thread.execute { answer.resume(returning: question($0)) }
                }
            )
        }
        return answers
    }

    private func sleep(until instant: Instant) async {
        try? await Task.sleep(for: max(BootClock.now.duration(to: instant), .zero))
    }

    private func eventually(within time: Duration, _ condition: () async -> Bool) async -> Bool {
        let deadline = BootClock.now.advanced(by: time)
        while await !condition() {
            guard BootClock.now < deadline else { return false }
            try? await Task.sleep(for: Self.lookInterval)
        }
        return true
    }
}

extension SocketAddress {
    fileprivate var isV4: Bool {
        switch ip {
        case .v4: true
        case .v6: false
        }
    }
}
