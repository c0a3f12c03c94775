package import Primitives

/// What `rook` is asked to do.
package enum Command: Equatable, Sendable {
    case serve(ServeOptions)
    case cluster(ClusterOptions)
    case status(StatusOptions)
    case locate(LocateOptions)
    case objects(ObjectsOptions)
    case top(TopOptions)
    case remove(RemoveOptions)
    case events(EventsOptions)
    case leave(AdminOptions)
    case weight(WeightOptions)
    case drain(DrainOptions)
    case cordon(CordonOptions)
    case uncordon(CordonOptions)
    case recover(RecoverOptions)
    case simulate(SimulateOptions)
    case bench(BenchOptions)
    case new(NewOptions)
    case checkConfiguration(path: String)
    case doctor(DoctorOptions)
    case health(HealthOptions)
    case secret
    case token(TokenOptions)
    case keys(KeysOptions)
    /// The help of one command, or of all.
    case help(CommandName?)
    case version
}

/// The commands, as they are written.
package enum CommandName: String, CaseIterable, Sendable {
    case serve
    case cluster
    case status
    case locate
    case objects
    case top
    case move
    case evict
    case events
    case leave
    case weight
    case drain
    case cordon
    case uncordon
    case recover
    case new
    case simulate
    case bench
    case checkConfiguration = "check-config"
    case doctor
    case health
    case secret
    case token
    case keys
    case help
}

/// How to run one node.
package struct ServeOptions: Equatable, Sendable {
    /// The configuration file; nil is the defaults.
    package var configurationPath: String?
    /// Each `key=value`, in order; they win over the file.
    package var overrides: [String] = []

    package init() {}
}

/// How to run several nodes on this machine.
package struct ClusterOptions: Equatable, Sendable {
    /// More on one machine tell nothing that nine do not.
    package static let nodeCounts = 1...9

    package var nodeCount = 3
    /// Node n has its peer, client and admin ports at 7000, 8000 and 9000 plus n; another base
    /// port B puts them at B, B + 1000 and B + 2000 plus n.
    package var basePort: UInt16 = 7_000
    /// Each `key=value`, in order, for every node.
    package var overrides: [String] = []

    package init() {}

    /// True when the `overrides` say what the nodes' secret is, or that there is none.
    package var setsSecret: Bool {
        overrides.contains { text in
            let setting = try? ConfigurationFile.setting(in: text, at: .option)
            return ["cluster.secret", "cluster.secret_file"].contains(setting?.key)
        }
    }
}

/// Whom to ask, and with what right.
package struct AdminOptions: Equatable, Sendable {
    /// The `admin.listen` to ask; nil is that of the file, or the default without one.
    package var address: SocketAddress?
    /// Nil is the `admin.token` of the file, or none.
    package var token: Secret?
    /// The file with the address and the `admin.token`; nil is the defaults and no token.
    package var configurationPath: String?

    package init() {}
}

/// How to show the state of a cluster.
package struct StatusOptions: Equatable, Sendable {
    package var admin = AdminOptions()
    /// The answer as the node gave it, and not a table.
    package var isJSON = false
    /// Again and again, until it is interrupted.
    package var isWatched = false

    package init() {}
}

/// Which object to look for.
package struct LocateOptions: Equatable, Sendable {
    package var key: ObjectKey
    package var admin = AdminOptions()
    /// The answer as the node gave it, and not a table.
    package var isJSON = false

    package init(_ key: ObjectKey) { self.key = key }
}

/// Which share a node is to have.
package struct WeightOptions: Equatable, Sendable {
    package var weight: UInt16
    package var admin = AdminOptions()
    /// The answer as the node gave it, and not a line.
    package var isJSON = false

    package init(_ weight: UInt16) { self.weight = weight }
}

/// With whom to go on when a majority of the voters is gone for ever.
package struct RecoverOptions: Equatable, Sendable {
    package var admin = AdminOptions()
    /// Without it the command only tells what it would do.
    package var isForced = false
    /// The names of the survivors.
    package var survivors: [NodeID] = []
    /// Asks nothing, for scripts.
    package var isConfirmed = false

    package init() {}
}
