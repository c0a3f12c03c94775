package import Primitives
package import Wire

/// Everything an operator can choose about a node, with the defaults.
///
/// The fields are named like the keys of the file: `limit.header_bytes` is `limit.headerBytes`.
/// What each one means, and what a larger or smaller value costs, is written in `cluster.conf`.
package struct NodeConfiguration: Equatable, Sendable {
    package var node = Identity()
    package var cluster = Affiliation()
    /// The nodes that found the cluster, and whom to ask for it; none means that this node is a
    /// cluster by itself.
    package var seeds: [SeedAddress] = []
    package var peer = Peer()
    package var client = Client()
    package var admin = Admin()
    package var data = Storage()
    /// For how long nobody else may run what this node runs, from its last renewal on.
    package var lease = Duration.seconds(2)
    /// How many event loops serve connections; 0 is one per core.
    package var threads = 0
    package var log = Logging()
    package var limit = Limits()
    package var ping = Ping()
    package var drain = Drain()
    package var health = Health()
    package var gossip = Gossip()
    package var link = Link()

    package init() {}
}

/// What a node is there for.
package enum NodeRole: String, CaseIterable, Sendable {
    /// Owns objects, and may be a voter.
    case member
    /// May be a voter, and owns nothing.
    case witness
}

/// What an operator can have or not.
package enum Switch: String, CaseIterable, Sendable {
    case off
    case on
}

extension NodeConfiguration {
    /// Who this node is (`node.…`).
    package struct Identity: Equatable, Sendable {
        /// The name of this node in the cluster; nil is the name of the machine.
        package var name: NodeID?
        /// The share of the objects that this node takes, relative to the others.
        package var weight: UInt16 = 100
        package var role = NodeRole.member
    }

    /// Which cluster it belongs to (`cluster.…`).
    package struct Affiliation: Equatable, Sendable {
        /// Nodes of another cluster name are never joined.
        package var name = "rookery"
        /// What nodes prove to each other; the first signs, and every one of them verifies.
        package var secret: [Secret] = []
        /// A file of secrets, one a line, in place of `secret`; empty is none.
        package var secretFile = ""
    }

    /// The side towards other nodes (`peer.…`).
    package struct Peer: Equatable, Sendable {
        /// Where other nodes reach this one: gossip over UDP and the link over TCP, on one port.
        package var listen = SocketAddress.loopback(port: 7_001)
        /// What this node tells the others to dial; nil is the `listen` address.
        package var advertise: SocketAddress?
    }

    /// The side towards clients (`client.…`).
    package struct Client: Equatable, Sendable {
        /// Where HTTP and WebSocket clients reach this node.
        package var listen = SocketAddress.loopback(port: 8_001)
        /// Whether permessage-deflate is agreed on with clients that offer it.
        package var compression = Switch.off
        /// Messages to a client that are shorter go as they are, in bytes.
        package var compressionThreshold = 256
        /// The largest window of either direction, as a power of two.
        package var compressionWindow = 12
        /// 1 is the quickest, 9 the smallest.
        package var compressionLevel = 3
        /// What tokens of clients are signed with, the first for new ones; none asks for no tokens.
        package var tokenKey: [Secret] = []
        /// A file of such keys, one a line, in place of `tokenKey`; empty is none.
        package var tokenKeyFile = ""
        /// From which pages browsers may come, besides those of the host that they ask.
        package var origins: [AllowedOrigin] = []
        /// Each connection begins with a header of the PROXY protocol.
        package var proxyProtocol = false
        /// How many proxies in front are trusted to say where a request comes from.
        package var trustedHops = 0
        /// The field in which they say it.
        package var forwardedField = ForwardedField.xForwardedFor

        /// True where a connection's own address is not the client's.
        package var isBehindProxies: Bool { proxyProtocol || trustedHops > 0 }
    }

    /// The side towards the operator (`admin.…`).
    package struct Admin: Equatable, Sendable {
        /// Where the status, the metrics and the commands of the operator are served.
        package var listen = SocketAddress.loopback(port: 9_001)
        /// What an admin request must carry; nil only where `listen` is loopback.
        package var token: Secret?
    }

    /// What is kept on disk (`data.…`).
    package struct Storage: Equatable, Sendable {
        /// The folder for the state of the node, of this node alone; empty is none.
        package var directory = ""
    }

    /// What is written about the work (`log.…`).
    package struct Logging: Equatable, Sendable {
        package var level = LogLevels(.notice)
        package var format = LogFormat.text
    }

    /// How clients that are gone are found (`ping.…`).
    package struct Ping: Equatable, Sendable {
        /// How often a client session is pinged.
        package var interval = Duration.seconds(25)
        /// How long the pong may take before the session is closed.
        package var timeout = Duration.seconds(20)
    }

    /// How a node stops (`drain.…`).
    package struct Drain: Equatable, Sendable {
        /// How long a stopping node may take to hand over and to close its sessions.
        package var time = Duration.seconds(5)
        /// How long it goes on as before, but not ready, so that balancers notice.
        package var grace = Duration.zero
        /// How many clients it sends away in a second.
        package var rate = 500
    }

    /// When a node calls itself ill (`health.…`).
    package struct Health: Equatable, Sendable {
        /// How long an event loop may not turn.
        package var loopTime = Duration.seconds(5)
        /// How long a probe of the way to an object may take.
        package var probeTime = Duration.seconds(2)
    }

    /// How nodes that are gone are found (`gossip.…`).
    package struct Gossip: Equatable, Sendable {
        /// How often this node probes one other.
        package var probeInterval = Duration.milliseconds(500)
        /// How often this node exchanges its whole list of members with one other.
        package var pushPullInterval = Duration.seconds(15)
    }

    /// How nodes are connected (`link.…`).
    package struct Link: Equatable, Sendable {
        /// How often the control connection of an idle link says that it is there.
        package var heartbeat = Duration.milliseconds(250)
        /// How long nothing may come before a link counts as down.
        package var silence = Duration.milliseconds(1_500)
        /// How many bytes of large messages of one other node may be on their way in.
        package var bufferBytes = 256 << 20
        /// How long sessions wait for a lost link to come back.
        package var resumeTime = Duration.seconds(10)
    }
}
