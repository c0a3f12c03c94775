/// How to watch what happens in a cluster.
package struct EventsOptions: Equatable, Sendable {
    package static let recentNormal = 20

    package var admin = AdminOptions()
    /// So many of the latest events first.
    package var recent = Self.recentNormal
    /// Only those, and not what happens from then on.
    package var isOnce = false
    /// Each event as the node gave it, on a line.
    package var isJSON = false

    package init() {}
}

extension EventsOptions {
    init(_ words: CommandWords) throws(UsageError) {
        recent = try words.count(of: "--recent", in: EventWish.recents) ?? recent
        isOnce = words.has("--once")
        admin = try AdminOptions(words)
        isJSON = words.has("--json")
    }
}

extension CommandDescription {
    static let events = CommandDescription(
        name: .events,
        summary: "Show what happens in the cluster, as it happens, until it is interrupted.",
        options: [
            Option(
                name: "--recent",
                short: "-n",
                value: "N",
                summary: "So many of the latest first, 0 to \(EventLog.keptMax); else 20."
            ),
            Option(name: "--once", summary: "Only those, and not what happens from then on."),
        ] + admin + [json],
        example: "events -n 100 --admin 127.0.0.1:9002"
    )
}
