import Primitives
import Wire

/// Both ends of the two lanes that a peer has at least, and that nobody uses: what stays are
/// heartbeats.
enum LinksPart {
    private static let virtualSeconds = 60

    static func run(nodes counts: [Int]) {
        var lanes = (0...1).map(IdleLane.init)
        let time = measured {
            for lane in lanes.indices { lanes[lane].run(for: .seconds(Int64(virtualSeconds))) }
        }
        let ends = Double(2 * virtualSeconds)
        let writes = Double(lanes.reduce(0) { $0 + $1.writes }) / ends
        let bytes = Double(lanes.reduce(0) { $0 + $1.bytes }) / ends
        let processor = time * 1e6 / ends
        let table = FigureTable(
            "links at rest: each node and second, the control lane and one data lane for each peer",
            ["nodes", "connections", "writes", "KiB", "KiB with TCP/IP", "CPU ms without kernel"]
        )
        for count in counts {
            let peers = Double(count - 1)
            table.add([
                figure(count), figure(2 * (count - 1)), figure(writes * peers),
                figure(bytes * peers / 1_024), figure((bytes + writes * 52) * peers / 1_024),
                figure(processor * peers / 1_000),
            ])
        }
    }
}

/// A lane between two nodes on a virtual clock, with half a millisecond each way.
struct IdleLane {
    private var ends: [LaneMachine]
    private var deadlines: [Instant] = [.zero, .zero]
    private var now = Instant.zero
    private(set) var writes = 0
    private(set) var bytes = 0

    /// Lane 0 is the control connection.
    init(number: Int) {
        let settings = LinkSettings().on(lane: number)
        ends = [true, false].map { LaneMachine(isLowerID: $0, settings: settings) }
        for end in ends.indices { ends[end].connected(now: now) }
    }

    mutating func run(for duration: Duration) {
        let limit = now.advanced(by: duration)
        while now < limit {
            for end in ends.indices where deadlines[end] <= now { fire(end) }
            for end in ends.indices { carry(from: end) }
            let next = deadlines.min() ?? limit
            now = max(now.advanced(by: .microseconds(500)), min(next, limit))
        }
    }

    private mutating func fire(_ end: Int) {
        var events: [LaneMachine.Event] = []
        deadlines[end] = ends[end].timerFired(now: now, events: &events) ?? .distantFuture
    }

    private mutating func carry(from end: Int) {
        guard ends[end].hasOutput else { return }
        var output = ByteWriter()
        var events: [LaneMachine.Event] = []
        ends[end].writeOutput(into: &output, limit: 64 << 10, now: now, events: &events)
        guard output.count > 0 else { return }
        writes += 1
        bytes += output.count
        let bytes = output.take()
        guard (try? ends[1 - end].receive(bytes.span, now: now, events: &events)) != nil else {
            preconditionFailure("a lane refuses what its peer has written")
        }
        for end in ends.indices { fire(end) }
    }
}
