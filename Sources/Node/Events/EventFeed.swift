import Primitives
import Transport
import Wire

/// Who can be asked for what happens in the cluster.
///
/// Called on the control loop.
protocol EventSource: AnyObject {
    /// Answers the request in work with a stream of events that goes on until either side ends it.
    func follow(
        _ wish: EventWish,
        _ request: HTTPRequest,
        on connection: HTTPConnection
    ) throws(AdminRefusal)
    /// Ends all streams.
    func closeStreams()
}

/// The events of a node: keeps the latest, and tells those who read.
///
/// Lives on the control loop.
final class EventFeed: EventSource {
    /// Readers at once.
    static let readersMax = 64

    let node: NodeID
    let loop: EventLoop
    private(set) var log: EventLog
    private var readers: [EventStream] = []
    private(set) var isClosed = false
    /// The first reader has come.
    var readerCame: () -> Void = {}

    init(node: NodeID, loop: EventLoop) {
        self.node = node
        self.loop = loop
        log = EventLog(run: String(WallClock.milliseconds(on: loop), radix: 16))
    }

    var hasReaders: Bool { !readers.isEmpty }
    var readerCount: Int { readers.count }

    func closeStreams() {
        isClosed = true
        for reader in readers { reader.close() }
    }

    /// Tells all readers, and keeps it for later ones.
    func announce(_ news: ClusterNews) {
        tell(
            event(
                news.kind,
                level: news.level,
                node: news.node ?? node,
                text: news.text,
                fields: news.fields
            ),
            isOwn: news.isOwn
        )
    }

    /// The same with what another node has told of itself.
    func tell(_ event: ClusterEvent, isOwn: Bool = false) {
        let event = log.append(event, isOwn: isOwn)
        for reader in readers { reader.send(event) }
    }

    private func event(
        _ kind: ClusterEvent.Kind,
        level: ClusterEvent.Level,
        node: NodeID,
        text: String,
        fields: [String: String]
    ) -> ClusterEvent {
        ClusterEvent(
            time: WallClock.text(WallClock.milliseconds(on: loop)),
            node: node.name,
            seenBy: self.node.name,
            kind: kind.rawValue,
            level: level,
            text: text,
            fields: fields
        )
    }

    func follow(
        _ wish: EventWish,
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
        if let place = wish.place {
            let (missed, isWhole) = log.events(after: place)
            if !isWhole { reader.send(gap(behind: place)) }
            for event in missed { reader.send(event) }
        } else {
            for event in log.latest(wish.recent) { reader.send(event) }
        }
        guard wish.isFollowing else { return reader.close() }
        readers.append(reader)
        if readers.count == 1 { readerCame() }
    }

    private func gap(behind place: EventPlace) -> ClusterEvent {
        event(
            .missed,
            level: .warning,
            node: node,
            text: "Events behind \(place.text) are not kept here any more: some are missing",
            fields: ["after": place.text, "kept": "\(EventLog.keptMax)"]
        )
    }
}
