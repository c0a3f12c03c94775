import Primitives

/// How a node is taken out of service, as an operator or the end of its process has it.
struct DrainPlan: Equatable, Sendable {
    /// Clients that are sent away in a second.
    static let rates = 1...1_000_000
    /// How long the whole may take.
    static let times = Duration.seconds(1)...Duration.seconds(86_400)
    static let graces = Duration.zero...Duration.seconds(300)
    /// For an operator who does not say.
    static let timeDefault = Duration.seconds(600)
    /// What is kept of the time for the last step, at most.
    static let leavingTimeMax = Duration.seconds(2)

    var rate: Int
    /// How long nothing else happens, so that balancers notice that the node is not ready.
    var grace: Duration
    /// How long all of it may take, from the beginning on.
    var time: Duration
    /// How long clients that were sent away are waited for.
    var patience: Duration

    /// The instants of a plan that begins at `start`.
    struct Schedule: Equatable, Sendable {
        let graceEnd: Instant
        /// Objects that are not handed over by then are not waited for.
        let handOverEnd: Instant
        /// By then every client has been sent away.
        let closingEnd: Instant
        let end: Instant
    }

    func schedule(from start: Instant) -> Schedule {
        let graceEnd = start.advanced(by: min(grace, time / 2))
        let end = start.advanced(by: time)
        let leaving = min(Self.leavingTimeMax, graceEnd.duration(to: end) / 3)
        let closingEnd = end.advanced(by: .zero - leaving)
        return Schedule(
            graceEnd: graceEnd,
            handOverEnd: graceEnd.advanced(by: graceEnd.duration(to: closingEnd) / 2),
            closingEnd: closingEnd,
            end: end
        )
    }
}
