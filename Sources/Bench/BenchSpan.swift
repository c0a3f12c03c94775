import Primitives

/// What was read at both ends of the time that is measured.
struct BenchSpan {
    /// How far one thread's clocks are.
    struct ThreadTime: Sendable {
        let now: Instant
        let used: Duration
        let waited: Duration
    }

    /// Before and after the opening, and at both ends; nil where no process was named, or one has ended.
    var usage: [ServerUsage?]
    let times: [[ThreadTime]]
    /// Less than was planned when no connection was left.
    let seconds: Double
    var openSeconds = 0.0

    func report(of plan: BenchPlan, _ tally: BenchTally) -> BenchReport {
        let (first, last) = (times[0], times[1])
        let used = zip(first, last).map { ($1.used - $0.used).inSeconds }
        let passed = zip(first, last).map { $0.now.duration(to: $1.now).inSeconds }
        let waited = zip(first, last).map { ($1.waited - $0.waited).inSeconds }
        let shares = zip(zip(used, waited), passed).map { times, passed in
            (busy: times.0 / max(passed, 1e-9), waiting: times.1 / max(passed, 1e-9))
        }
        let (busy, waiting) = shares.max { $0.busy + $0.waiting < $1.busy + $1.waiting } ?? (0, 0)
        return BenchReport(
            work: plan.work.rawValue,
            urls: plan.urls.map(\.description),
            connections: plan.connections,
            threads: plan.threadCount,
            pipeline: plan.pipeline,
            payloadBytes: plan.payloadBytes,
            text: plan.isText,
            rate: plan.rate,
            copies: plan.copies,
            seconds: seconds,
            openSeconds: openSeconds,
            completed: tally.completed,
            completedPerSecond: Double(tally.completed) / seconds,
            latency: BenchReport.Times(tally.latency),
            sendDelay: BenchReport.Times(tally.delay),
            faults: faults(tally),
            clientCpuSeconds: used.reduce(0, +),
            clientBusy: busy,
            clientWaiting: waiting,
            clientSaturated: busy + waiting >= BenchReport.saturation,
            server: server(of: plan, completed: tally.completed)
        )
    }

    private func faults(_ tally: BenchTally) -> BenchReport.Faults {
        var faults = BenchReport.Faults()
        faults.lost = tally.lost
        faults.firstEnd = tally.firstEnd?.description
        faults.notOpened = tally.notOpened
        faults.wrong = tally.wrong
        faults.unexpected = tally.unexpected
        faults.unanswered = max(tally.awaited, 0)
        faults.unsent = tally.unsent
        faults.missing = tally.missing
        faults.disordered = tally.disordered
        return faults
    }

    private func server(of plan: BenchPlan, completed: Int) -> BenchReport.Server? {
        let known = usage.compactMap(\.self)
        guard known.count == 4 else { return nil }
        let seconds = known[3].processorSeconds - known[2].processorSeconds
        let grown = known[3].residentBytes - known[0].residentBytes
        return BenchReport.Server(
            pids: plan.pids,
            cpuSeconds: seconds,
            completedPerCpuSecond: seconds > 0 && completed > 0 ? Double(completed) / seconds : nil,
            residentBytesBefore: known[0].residentBytes,
            residentBytesOpen: known[1].residentBytes,
            residentBytesEnd: known[3].residentBytes,
            peakBytes: known[3].peakBytes,
            bytesPerConnection: grown / plan.connections
        )
    }
}
