/// What one command takes, for the parser and the help alike.
struct CommandDescription: Sendable {
    struct Option: Sendable {
        /// With its hyphens.
        let name: String
        /// The same with one hyphen and one letter.
        var short: String?
        /// What the value is called in the help; nil for an option without a value.
        var value: String?
        var repeats = false
        let summary: String
    }

    let name: CommandName
    /// What the operands are called in the help, in order.
    var operands: [String] = []
    /// So many of them, from the first on, may be left out.
    var optionalOperandCount = 0
    /// There may be more of the last one.
    var lastOperandRepeats = false
    let summary: String
    /// The words that the first operand may be, and what they are for.
    var choices: [(word: String, summary: String)] = []
    var options: [Option] = []
    /// A command line behind the name of the program.
    var example: String?

    func option(named name: String) -> Option? {
        (options + [Self.help]).first { $0.name == name || $0.short == name }
    }

    /// What every command takes.
    static let help = Option(name: "--help", short: "-h", summary: "Tell about this command.")

    static func of(_ name: CommandName) -> CommandDescription {
        switch name {
        case .serve: serve
        case .cluster: cluster
        case .status: status
        case .locate: locate
        case .objects: objects
        case .top: top
        case .move: move
        case .evict: evict
        case .events: events
        case .leave: leave
        case .weight: weight
        case .drain: drain
        case .cordon: cordon
        case .uncordon: uncordon
        case .recover: recover
        case .new: new
        case .simulate: simulate
        case .bench: bench
        case .checkConfiguration: checkConfiguration
        case .doctor: doctor
        case .health: health
        case .secret: secret
        case .token: token
        case .keys: keys
        case .help: helpCommand
        }
    }
}

extension CommandDescription {
    static let set = Option(
        name: "--set",
        value: "KEY=VALUE",
        repeats: true,
        summary: "Set a key, whatever the file has for it; may be repeated."
    )

    private static let serve = CommandDescription(
        name: .serve,
        summary: "Run one node.",
        options: [
            Option(name: "--config", value: "FILE", summary: "Read the configuration from FILE."),
            set,
        ]
    )

    private static let cluster = CommandDescription(
        name: .cluster,
        summary: "Run several nodes on this machine, to try things out.",
        options: [
            Option(name: "--nodes", value: "N", summary: "How many, 1 to 9; 3 if not given."),
            Option(
                name: "--base-port",
                value: "P",
                summary: "Node n gets the ports P+n, P+1000+n and P+2000+n; 7000 if not given."
            ),
            set,
        ]
    )

    /// Whom to ask.
    static let admin = [
        Option(
            name: "--admin",
            value: "ADDRESS:PORT",
            summary: "The admin.listen of the node to ask; 127.0.0.1:9001 if not given."
        ),
        Option(
            name: "--config",
            value: "FILE",
            summary: "Take admin.listen and admin.token from FILE."
        ),
        Option(
            name: "--token",
            value: "TOKEN",
            summary: "The admin.token; others on this machine can see it, unlike that of a file."
        ),
    ]

    static let json = Option(name: "--json", summary: "Print the answer as it came.")

    private static let status = CommandDescription(
        name: .status,
        summary: "Show the cluster as one of its nodes sees it.",
        options: [watch] + admin + [json],
        example: "status --watch --admin 127.0.0.1:9002"
    )

    private static let locate = CommandDescription(
        name: .locate,
        operands: ["CLASS", "NAME"],
        summary: "Show where an object lives, why there and what it does, without waking it.",
        options: admin + [json],
        example: "locate Counter visits"
    )

    private static let leave = CommandDescription(
        name: .leave,
        summary: "Let a node hand over its objects and leave the cluster for good.",
        options: admin
    )

    private static let weight = CommandDescription(
        name: .weight,
        operands: ["N"],
        summary: "Give a node another share of the objects, until it is restarted.",
        options: admin + [json]
    )

    private static let recover = CommandDescription(
        name: .recover,
        summary: "Go on with some nodes when a majority of the voters is gone for ever.",
        options: [
            Option(name: "--force", summary: "Do it; without this, only tell what it means."),
            Option(
                name: "--members",
                value: "NAMES",
                summary: "The nodes to go on with, with commas between."
            ),
            Option(name: "--yes", summary: "Do not ask, for scripts."),
        ] + admin
    )

    private static let checkConfiguration = CommandDescription(
        name: .checkConfiguration,
        operands: ["FILE"],
        summary: "Check a configuration file without starting anything."
    )

    private static let secret = CommandDescription(
        name: .secret,
        summary: "Print a new secret for cluster.secret, client.token_key or admin.token."
    )

    private static let helpCommand = CommandDescription(
        name: .help,
        operands: ["COMMAND"],
        optionalOperandCount: 1,
        summary: "Tell about this program or one of its commands."
    )
}
