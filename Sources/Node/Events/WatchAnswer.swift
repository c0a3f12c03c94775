import Primitives

/// How a node answers another one that watches it: where it stands, and what has happened to it.
///
/// It costs the node no look at its objects or sessions, so it may be asked each second.
struct WatchAnswer: Codable, Equatable, Sendable {
    /// Events of one answer; the rest comes with the next.
    static let eventsMax = 100

    /// As in the status, but for what is counted in the shards.
    var standing: NodeReport.Figures
    /// Where the next answer goes on.
    var place: EventPlace
    var events: [ClusterEvent]
}

/// Where whoever watches a node has come to in its events.
struct WatchQuery: Codable, Equatable, Sendable {
    /// Nil before the first answer: only what happens from then on is told.
    var place: EventPlace?
}

extension WatchAnswer {
    init(to query: WatchQuery, standing: NodeReport.Figures, log: EventLog) {
        guard let place = query.place else {
            self.init(standing: standing, place: log.place, events: [])
            return
        }
        // Of an earlier process it has heard all that there was to hear.
        let number = place.run == log.run ? place.number : 0
        let (events, last) = log.own(after: number, atMost: Self.eventsMax)
        self.init(
            standing: standing,
            place: EventPlace(run: log.run, number: last),
            events: events
        )
    }
}
