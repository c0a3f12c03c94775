import Primitives

/// What only the metrics of a node have, and no other node is told.
package struct NodeReadings: Equatable, Sendable {
    /// As `/ready` tells.
    var isReady = false
    /// Members by what gossip says of them: alive, suspect, dead or left.
    var membersByState: [String: Int] = [:]
    /// Members and voters of the view.
    var viewMembers = 0
    var viewVoters = 0
    /// The `lease` that the node was given.
    var leaseTime = Duration.zero
    /// How far the time of day of each other node is from the one here, when last asked.
    var clocks: [String: ClockDifference] = [:]
    /// Clients that are connected, WebSocket or not, and how many may be.
    var connections = 0
    var connectionsMax = 0
    /// How long the turns of the event loops took.
    var turnTimes = DurationHistogram()
    /// How long requests of clients waited for their answer.
    var answerTimes = DurationHistogram()
    /// How long handlers of objects took, of some events.
    var handlerTimes = DurationHistogram()
    var traffic = ClientTraffic()
    /// What the kernel says of the process; nil where there is none.
    var process: ProcessReadings?
}
