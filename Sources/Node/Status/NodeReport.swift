/// What one node says about itself, or that it did not answer.
///
/// In JSON the figures stand beside `name` and `reachable`, not in an object of their own.
package struct NodeReport: Codable, Equatable, Sendable {
    package var name: String
    /// Nil when the node did not answer in time.
    package var figures: Figures?

    package init(name: String, figures: Figures?) {
        self.name = name
        self.figures = figures
    }

    package var isReachable: Bool { figures != nil }

    private enum CodingKeys: String, CodingKey {
        case name
        case reachable
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        let isReachable = try container.decode(Bool.self, forKey: .reachable)
        figures = isReachable ? try Figures(from: decoder) : nil
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(isReachable, forKey: .reachable)
        try figures?.encode(to: encoder)
    }
}

extension NodeReport {
    /// What a node counts, and what it may do.
    package struct Figures: Equatable, Sendable {
        package var version: String
        package var uptimeSeconds: Double
        /// The time of day by its own clock when it said this, in ISO 8601; nil where it does not say.
        package var time: String?
        /// How far that is from the clock of the node that asked; nil of that one itself.
        package var clock: ClockDifference?
        /// The run of the process that answers; nil from a Rookery that does not say.
        package var incarnation: UInt64?
        /// The view that the node is at, and what follows from it.
        package var epoch: UInt64
        package var ringHash: String
        /// The last view that the node knows to be settled; nil from a Rookery without views.
        package var stableEpoch: UInt64?
        /// How long the node may run objects without another renewal; nil while it is frozen.
        package var leaseMilliseconds: Int?
        /// `active`, `joining`, `leaving` or `witness`; nil while the node is no member.
        package var role: String?
        package var isVoter = false
        /// `serving`, `cordoned`, `draining` or `left`; nil from a Rookery that does not say.
        package var service: String?
        /// Nil from a Rookery that does not say.
        package var health: Health?
        /// The members that have not released what the view gives to others, sorted by name.
        package var releasesAwaited: [String] = []
        package var partitions = Partitions()
        /// Where clients and operators reach the node.
        package var clientAddress = ""
        package var adminAddress = ""
        /// The classes that the node's program has, sorted; nil from a Rookery that does not say.
        package var classes: [String]?
        package var objects = Objects()
        package var sessions = Sessions()
        /// What waits in the node's memory for its clients; nil from a Rookery that does not say.
        package var buffers: Buffers?
        /// The links to the other nodes, sorted by their names.
        package var links: [Link] = []
        /// What was dropped or refused since the start, by reason.
        package var counters: [String: UInt64] = [:]
        /// What happened in good order since the start: objects made, sessions opened and the like.
        package var activity: [String: UInt64] = [:]
        /// What only the node's own metrics have: it is not written, and nil when it was read.
        package var readings: NodeReadings?

        package init(version: String, uptimeSeconds: Double, epoch: UInt64, ringHash: String) {
            self.version = version
            self.uptimeSeconds = uptimeSeconds
            self.epoch = epoch
            self.ringHash = ringHash
        }
    }

    /// The partitions of a node.
    package struct Partitions: Codable, Equatable, Sendable {
        /// Those that the view gives to it.
        package var owned = 0
        /// Those that it may run objects of, some of which it may be about to hand over.
        package var running = 0

        package init(owned: Int = 0, running: Int = 0) {
            self.owned = owned
            self.running = running
        }
    }

    /// The live objects of a node.
    package struct Objects: Codable, Equatable, Sendable {
        package var total = 0
        package var byClass: [String: Int] = [:]

        package init(byClass: [String: Int] = [:]) {
            total = byClass.values.reduce(0, +)
            self.byClass = byClass
        }
    }

    /// The client sessions that a node has a part in.
    package struct Sessions: Codable, Equatable, Sendable {
        /// Those whose client is connected to this node.
        package var edge = 0
        /// Those whose object lives on this node, wherever the client is.
        package var owned = 0
        /// Those of `edge` whose object has no owner, or cannot be reached there.
        package var parked = 0

        package init(edge: Int = 0, owned: Int = 0, parked: Int = 0) {
            self.edge = edge
            self.owned = owned
            self.parked = parked
        }

        /// A Rookery without views does not say what is parked.
        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            edge = try container.decode(Int.self, forKey: .edge)
            owned = try container.decode(Int.self, forKey: .owned)
            parked = try container.decodeIfPresent(Int.self, forKey: .parked) ?? 0
        }
    }

    /// What waits in a node's memory for its clients.
    package struct Buffers: Codable, Equatable, Sendable {
        package var bytes: Int
        package var limit: Int
        /// New clients are refused.
        package var isBusy: Bool

        package init(bytes: Int, limit: Int, isBusy: Bool) {
            self.bytes = bytes
            self.limit = limit
            self.isBusy = isBusy
        }
    }

    /// The connection of a node to another one.
    package struct Link: Codable, Equatable, Sendable {
        /// The other one.
        package var node: String
        package var isUp: Bool
        /// Nil before the first heartbeat was answered.
        package var rttMilliseconds: Double?
        package var sentBytes: UInt64
        package var receivedBytes: UInt64
        /// What waits to be sent.
        package var queuedBytes: Int
        /// What the two have agreed to speak; nil while it is down, or from a Rookery that does not
        /// say.
        package var version: Int?

        package init(
            node: String,
            isUp: Bool,
            rttMilliseconds: Double? = nil,
            sentBytes: UInt64 = 0,
            receivedBytes: UInt64 = 0,
            queuedBytes: Int = 0,
            version: Int? = nil
        ) {
            self.node = node
            self.isUp = isUp
            self.rttMilliseconds = rttMilliseconds
            self.sentBytes = sentBytes
            self.receivedBytes = receivedBytes
            self.queuedBytes = queuedBytes
            self.version = version
        }
    }
}
