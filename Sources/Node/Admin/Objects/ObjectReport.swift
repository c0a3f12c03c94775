package import Primitives
import Wire

/// What is known of one object: the JSON of `GET /cluster/objects/{class}/{name}`.
///
/// Nobody who asks wakes it. What is nil is left out.
package struct ObjectReport: Codable, Equatable, Sendable {
    /// What its owner says of it.
    package enum State: String, Codable, CaseIterable, Sendable {
        /// An instance is there.
        case live
        /// No instance is there, and open sockets wait for the next event, which makes one.
        case hibernated
        /// Nothing of it is there; the next event makes an instance.
        case idle
        /// It waits until nobody else can have an instance, or is about to go.
        case moving
        /// The owner has no lease: its instance, if there is one, stands still.
        case frozen
        /// The owner does not answer, or there is none.
        case unknown
    }

    package var className: String
    package var name: String
    package var partition: UInt16
    package var owner: String?
    /// The view of this answer; that of the activation when there is an instance.
    package var epoch: UInt64
    package var state: State
    /// Since when it is so, in ISO 8601.
    package var since: String?
    /// Which instance it is.
    package var instance: String?
    /// What it does; nil when nothing of it is in memory, or its node does not say.
    package var usage: Usage?
    /// Why it is where it is.
    package var placement: ObjectPlacement?

    private enum CodingKeys: String, CodingKey {
        case className = "class"
        case name, partition, owner, epoch, state, since, instance, usage, placement
    }
}

extension ObjectReport {
    /// What an object has used since it came to its node, and what it has to do.
    package struct Usage: Codable, Equatable, Sendable {
        /// Events that wait for it, and those that it is handling.
        package var queue: Int
        package var inWork: Int
        /// WebSocket messages and requests that it has begun to handle, and their bytes.
        package var messages: UInt64
        package var bytes: UInt64
        /// For how long its handlers have had the thread.
        package var cpuMilliseconds: Double
        /// When it began with an event last, in ISO 8601.
        package var lastEvent: String?
        package var sockets: Int
        /// Its sessions by the node that their clients are connected to, sorted by its name.
        package var edges: [Edge]
    }

    /// The sessions of an object whose clients are connected to one node.
    package struct Edge: Codable, Equatable, Sendable {
        /// Nil for those whose link has just been given up.
        package var node: String?
        package var sessions: Int
        /// The round trip between the object's node and that one; nil for its own.
        package var linkMilliseconds: Double?
        /// The round trips of the clients' last pings; nil before any was answered.
        package var client: RoundTrips?
    }

    /// Several times, in milliseconds.
    package struct RoundTrips: Codable, Equatable, Sendable {
        package var least: Double
        package var mean: Double
        package var most: Double
        /// Of how many clients that is known.
        package var count: Int
    }

    /// The same of an object whose owner speaks an earlier version, or not at all.
    init(_ location: ObjectLocation) {
        self.init(
            className: location.className,
            name: location.name,
            partition: location.partition,
            owner: location.owner,
            epoch: location.epoch,
            state: State(rawValue: location.state.rawValue) ?? .unknown
        )
    }

    /// The resource of one object at the admin side of any node.
    package static func path(of key: ObjectKey) -> String {
        let (className, name) = (key.className, key.name)
        return ObjectQuery.path
            + "/\(PercentEncoding.encode(className))/\(PercentEncoding.encode(name))"
    }
}

/// The sums of what round trips are known.
struct RoundTripSum: Sendable {
    private var least = Double.infinity
    private var most = 0.0
    private var total = 0.0
    private var count = 0

    mutating func add(_ milliseconds: Double) {
        least = min(least, milliseconds)
        most = max(most, milliseconds)
        total += milliseconds
        count += 1
    }

    var report: ObjectReport.RoundTrips? {
        guard count > 0 else { return nil }
        return .init(least: least, mean: total / Double(count), most: most, count: count)
    }
}
