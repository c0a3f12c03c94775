import Primitives
import Transport
import Wire

/// Who can be asked for what happens in the cluster.
///
/// Called on the control loop.
protocol EventSource: AnyObject {
    /// Answers the request in work with a stream of events that goes on until either side ends it.
    ///
    /// A reader that says which event it had last gets what came behind it; another one the latest
    /// `recent`.
    func follow(
        after place: EventPlace?,
        recent: Int,
        _ request: HTTPRequest,
        on connection: HTTPConnection
    ) throws(AdminRefusal)
    /// Ends all streams.
    func closeStreams()
}

/// What happens in the cluster, as this node sees it and as the others tell of themselves.
///
/// Members, views and agreement are seen with this node's own eyes. What happens to another node,
/// such as its lease, that node tells when it is asked, so it is here once and with its own words.
/// Lives on the control loop.
final class EventService: EventSource {
    /// Readers at once.
    static let readersMax = 64
    /// How often the other nodes are asked; the fewer the more of them there are.
    static let interval = Duration.seconds(5)
    /// The same while somebody reads.
    static let intervalWatched = Duration.seconds(1)
    /// At most one node is asked in so long, on the average, while nobody reads.
    static let intervalForEach = Duration.milliseconds(100)

    private let node: NodeID
    private let questions: PeerQuestions
    private let status: StatusService
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    private let log: Log
    private var events: EventLog
    private var readers: [EventStream] = []
    private var agreement = AgreementWatch()
    private var impossible = ImpossibleWatch()
    private var refusals = RefusalWatch()
    /// How far the events of the others were heard.
    private var places: [NodeID: EventPlace] = [:]
    private(set) var tally = Tally()
    private var isAsking = false
    private var isClosed = false
    private var timer: TimerID?

    init(
        node: NodeID,
        questions: PeerQuestions,
        status: StatusService,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        log: Log
    ) {
        self.node = node
        self.questions = questions
        self.status = status
        self.shards = shards
        self.loop = loop
        self.log = log
        events = EventLog(run: String(WallClock.milliseconds(on: loop), radix: 16))
    }

    func start() { schedule() }

    func closeStreams() {
        isClosed = true
        for reader in readers { reader.close() }
    }

    // MARK: - What happens

    /// Tells all readers, and keeps it for later ones.
    func announce(_ news: ClusterNews) {
        let event = ClusterEvent(
            time: WallClock.text(WallClock.milliseconds(on: loop)),
            node: (news.node ?? node).name,
            seenBy: node.name,
            kind: news.kind.rawValue,
            level: news.level,
            text: news.text,
            fields: news.fields
        )
        tell(event, isOwn: news.isOwn)
    }

    private func tell(_ event: ClusterEvent, isOwn: Bool) {
        let event = events.append(event, isOwn: isOwn)
        for reader in readers { reader.send(event) }
    }

    // MARK: - Readers

    func follow(
        after place: EventPlace?,
        recent: Int,
        _ request: HTTPRequest,
        on connection: HTTPConnection
    ) throws(AdminRefusal) {
        guard !isClosed else { throw .notNow("the node stops") }
        guard readers.count < Self.readersMax else {
            throw .notNow("\(Self.readersMax) readers of events are there already")
        }
        let reader = EventStream(answering: request, on: connection) { [weak self] ended in
            self?.readers.removeAll { $0 === ended }
        }
        guard let reader else { return }
        readers.append(reader)
        if let place {
            let (missed, isWhole) = events.events(after: place)
            if !isWhole { reader.send(gap(behind: place)) }
            for event in missed { reader.send(event) }
        } else {
            for event in events.latest(recent) { reader.send(event) }
        }
        schedule()
    }

    private func gap(behind place: EventPlace) -> ClusterEvent {
        ClusterEvent(
            time: WallClock.text(WallClock.milliseconds(on: loop)),
            node: node.name,
            seenBy: node.name,
            kind: ClusterEvent.Kind.missed.rawValue,
            level: .warning,
            text: "Events behind \(place.text) are not kept here any more: some are missing",
            fields: ["after": place.text, "kept": "\(EventLog.keptMax)"]
        )
    }
}

// MARK: - Looking at the others

extension EventService {
    private func schedule() {
        if let timer { loop.cancel(timer) }
        let interval =
            readers.isEmpty
            ? max(Self.interval, Self.intervalForEach * status.askedNodes.count)
            : Self.intervalWatched
        timer = loop.schedule(after: interval) { [weak self] in
            guard let self, !isClosed else { return }
            timer = nil
            lookAround()
            lookAtRefusals()
            schedule()
        }
    }

    /// What this node answers another one that watches it.
    func answer(_ query: WatchQuery) -> WatchAnswer {
        WatchAnswer(to: query, standing: status.standing, log: events)
    }

    private func lookAround() {
        guard !isAsking else { return }
        isAsking = true
        let asked = status.askedNodes
        places = places.filter { asked.contains($0.key) }
        var reports = [NodeReport(name: node.name, figures: status.standing)]
        func took(_ report: NodeReport? = nil) {
            if let report { reports.append(report) }
            guard reports.count == asked.count + 1 else { return }
            isAsking = false
            _ = look(at: reports.sorted { $0.name < $1.name }, status.view)
        }
        for id in asked {
            questions.ask(.watch(WatchQuery(place: places[id])), of: id) {
                [self] (answer: WatchAnswer?) in
                if let answer {
                    heard(answer, from: id)
                    return took(NodeReport(name: id.name, figures: answer.standing))
                }
                // An earlier version says where it stands, and nothing of what happens to it.
                questions.ask(.figures, of: id) { took(NodeReport(name: id.name, figures: $0)) }
            }
        }
        took()
    }

    private func heard(_ answer: WatchAnswer, from id: NodeID) {
        places[id] = answer.place
        for event in answer.events.prefix(WatchAnswer.eventsMax) {
            tell(event, isOwn: false)
        }
    }

    /// Takes what all nodes said of where they stand, and returns since when they agree or not.
    func look(at nodes: [NodeReport], _ view: StatusReport.View) -> Agreement? {
        let change = agreement.look(nodes, view, at: WallClock.milliseconds(on: loop))
        if let change { announce(ClusterNews(change)) }
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
        announce(
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
            announce(ClusterNews(refusals: more))
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
