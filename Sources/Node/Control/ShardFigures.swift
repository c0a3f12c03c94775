import Primitives
import Transport
import Wire

/// What the lanes to one peer have carried.
struct LaneFigures: Sendable {
    var link = LinkCounters()
    var queuedBytes = 0
}

/// What the shards of one node count, added up.
struct ShardFigures: Sendable {
    var tally = Tally()
    var activity = Tally()
    var objects: [String: Int] = [:]
    var edge = 0
    var owned = 0
    var parked = 0
    var links: [NodeID: LaneFigures] = [:]
    var traffic = ClientTraffic()
    var turnTimes = DurationHistogram()
    var answerTimes = DurationHistogram()
    var handlerTimes = DurationHistogram()

    private mutating func add(_ other: ShardFigures) {
        tally.add(other.tally)
        activity.add(other.activity)
        objects.merge(other.objects) { $0 + $1 }
        edge += other.edge
        owned += other.owned
        parked += other.parked
        traffic.add(other.traffic)
        turnTimes.add(other.turnTimes)
        answerTimes.add(other.answerTimes)
        handlerTimes.add(other.handlerTimes)
        links.merge(other.links) { first, second in
            var sum = first
            sum.link.bytesSent += second.link.bytesSent
            sum.link.bytesReceived += second.link.bytesReceived
            sum.queuedBytes += second.queuedBytes
            return sum
        }
    }

    /// Asks every shard on its own loop; `completed` is called on `loop`.
    static func gather(
        from shards: [LoopBound<Shard>],
        on loop: EventLoop,
        completed: @escaping (ShardFigures) -> Void
    ) {
        shards.gather(on: loop, \.figures) { all in
            completed(all.reduce(into: ShardFigures()) { $0.add($1) })
        }
    }
}

extension Shard {
    /// What this shard counts.
    var figures: ShardFigures {
        var figures = ShardFigures()
        figures.tally = tally
        figures.tally.add(host.tally)
        figures.tally.add(host.records.tally)
        figures.activity = activity
        figures.activity.add(host.activity)
        figures.activity.add(host.records.activity)
        figures.activity.count("messages_handled", by: host.messageCount)
        figures.objects = host.countByClass
        figures.edge = sessionCount
        figures.owned = host.socketCount
        figures.parked = parkedSessionCount
        figures.links = laneFigures
        figures.traffic = sessionHome.traffic
        figures.turnTimes = loop.turnTimes
        figures.answerTimes = server.answerTimes
        figures.handlerTimes = host.handlerTimes
        return figures
    }
}
