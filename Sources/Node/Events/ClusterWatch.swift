import Primitives
import Transport

/// Looks at the other nodes again and again, for the events of a node.
///
/// Members, views and agreement are seen with this node's own eyes. What happens to another node,
/// such as its lease, that node tells when it is asked, so it is here once and with its own words.
/// Lives on the control loop.
final class ClusterWatch {
    /// How often the other nodes are asked; the more there are, the fewer in a second.
    static let interval = Duration.seconds(5)
    /// The same while somebody reads.
    static let intervalWatched = Duration.seconds(1)
    /// At most one node is asked in so long, on the average, while nobody reads.
    static let intervalForEach = Duration.milliseconds(100)
    /// Nodes of which it is kept how far they were heard, those that are away included.
    static let placesMax = 4_096

    private let node: NodeID
    private let feed: EventFeed
    private let questions: PeerQuestions
    private let status: StatusService
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    private let log: Log
    private var agreement = AgreementWatch()
    private var impossible = ImpossibleWatch()
    private var refusals = RefusalWatch()
    /// How far the events of the others were heard.
    private var places: [NodeID: EventPlace] = [:]
    private(set) var tally = Tally()
    /// How far the clocks of the others are from the one here, of those that answered last.
    private(set) var clocks: [String: ClockDifference] = [:]
    private var isAsking = false
    private var timer: TimerID?

    init(
        feed: EventFeed,
        questions: PeerQuestions,
        status: StatusService,
        shards: [LoopBound<Shard>],
        log: Log
    ) {
        node = feed.node
        loop = feed.loop
        self.feed = feed
        self.questions = questions
        self.status = status
        self.shards = shards
        self.log = log
        feed.readerCame = { [weak self] in self?.schedule() }
        schedule()
    }

    private func schedule() {
        if let timer { loop.cancel(timer) }
        let interval =
            feed.hasReaders
            ? Self.intervalWatched
            : max(Self.interval, Self.intervalForEach * status.askedNodes.count)
        timer = loop.schedule(after: interval) { [weak self] in
            guard let self, !feed.isClosed else { return }
            timer = nil
            lookAround()
            lookAtRefusals()
            schedule()
        }
    }

    /// What this node answers another one that watches it.
    func answer(_ query: WatchQuery) -> WatchAnswer {
        WatchAnswer(to: query, standing: status.standing, log: feed.log)
    }

    private func lookAround() {
        guard !isAsking else { return }
        isAsking = true
        let asked = status.askedNodes
        // Who is away for a while tells on its return what has happened meanwhile.
        if places.count > Self.placesMax { places = places.filter { asked.contains($0.key) } }
        var reports = [NodeReport(name: node.name, figures: status.standing)]
        func took(_ report: NodeReport) {
            reports.append(report)
            finishIfWhole()
        }
        func finishIfWhole() {
            guard reports.count == asked.count + 1 else { return }
            isAsking = false
            clocks = reports.reduce(into: [:]) { $0[$1.name] = $1.figures?.clock }
            _ = look(at: reports.sorted { $0.name < $1.name }, status.view)
        }
        for id in asked {
            let askedAt = WallClock.milliseconds(on: loop)
            questions.ask(.watch(WatchQuery(place: places[id])), of: id) {
                [self] (answer: WatchAnswer?) in
                if let answer {
                    heard(answer, from: id)
                    let standing = status.compared(answer.standing, askedAt: askedAt)
                    return took(NodeReport(name: id.name, figures: standing))
                }
                // An earlier version says where it stands, and nothing of what happens to it.
                questions.ask(.figures, of: id) { took(NodeReport(name: id.name, figures: $0)) }
            }
        }
        if asked.isEmpty { finishIfWhole() }
    }

    private func heard(_ answer: WatchAnswer, from id: NodeID) {
        places[id] = answer.place
        for event in answer.events.prefix(WatchAnswer.eventsMax) {
            feed.tell(event)
        }
    }

    /// Takes what all nodes said of where they stand, and returns since when they agree or not.
    func look(at nodes: [NodeReport], _ view: StatusReport.View) -> Agreement? {
        let change = agreement.look(nodes, view, at: WallClock.milliseconds(on: loop))
        if let change { feed.announce(ClusterNews(change)) }
        for finding in impossible.hear(nodes) { report(finding) }
        return agreement.latest
    }

    /// Takes the live objects of one node, as a list has shown them.
    func look(at page: ObjectPage, of node: NodeID, askedAt asked: Instant) {
        for entry in page.entries where entry.state == .live && entry.since > 0 {
            let sighting = ImpossibleWatch.Sighting(
                key: entry.key,
                node: node.name,
                since: entry.since,
                asked: asked,
                answered: loop.now
            )
            for finding in impossible.see(sighting) { report(finding) }
        }
    }

    private func report(_ finding: ImpossibleWatch.Finding) {
        tally.count(finding.reason)
        log.error("something impossible was seen", ["finding": finding.text])
        feed.announce(
            ClusterNews(
                kind: .impossible,
                level: .error,
                node: finding.node.flatMap { NodeID($0) },
                text: "Impossible: \(finding.text)",
                fields: finding.fields
            )
        )
    }

    private func lookAtRefusals() {
        shards.gather(on: loop, \.refusalTally) { [weak self] tallies in
            guard let self else { return }
            var all = status.refusals
            for tally in tallies { all.add(tally) }
            guard let more = refusals.look(all.counts, at: loop.now) else { return }
            feed.announce(ClusterNews(refusals: more))
        }
    }
}

extension Shard {
    /// What was refused or cut off on this loop, without a look at objects and sessions.
    fileprivate var refusalTally: Tally {
        var all = tally
        all.add(host.tally)
        return all
    }
}
