import Primitives
import Transport

/// Whether the event loops of a node turn; any thread may ask.
struct LoopHealth: Sendable {
    /// How long a loop may not turn.
    let limit: Duration
    private let loops: [EventLoop]

    /// The first one is the control loop.
    init(_ loops: [EventLoop], limit: Duration) {
        self.loops = loops
        self.limit = limit
    }

    /// How long ago each loop was last seen to turn.
    var ages: [Duration] { loops.map { $0.pulse.age(at: $0.system.now) } }

    /// The loops that do not turn, by their numbers, with how long.
    var stalled: [(index: Int, time: Duration)] {
        ages.enumerated().filter { $1 > limit }.map { ($0, $1) }
    }

    var check: HealthCheck {
        let stalled = stalled
        guard !stalled.isEmpty else { return HealthCheck(.loops) }
        let reasons = stalled.map { stall in
            let time = HumanUnits.seconds(milliseconds: Int(stall.time.milliseconds))
            return "loop \(stall.index) has not turned for \(time)"
        }
        return HealthCheck(.loops, failing: reasons.joined(separator: ", "))
    }
}
