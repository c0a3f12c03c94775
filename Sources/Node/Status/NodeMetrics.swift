/// The figures of one node as metrics: the body of `GET /metrics`.
///
/// What a node does not know is left out, so that nobody takes it for zero.
struct NodeMetrics {
    let figures: NodeReport.Figures
    var output = MetricsText()

    static func text(of figures: NodeReport.Figures, node: String) -> String {
        var metrics = NodeMetrics(figures: figures)
        metrics.writeStanding(node)
        metrics.writeHealth()
        metrics.writeLoad()
        metrics.writeLinks()
        metrics.writeCounts()
        metrics.writeReadings()
        return metrics.output.text
    }

    private init(figures: NodeReport.Figures) { self.figures = figures }

    private mutating func writeStanding(_ node: String) {
        let (info, version) = ("rookery_info", figures.version)
        output.begin(info, .gauge, "1, with the name of the node and its version of Rookery.")
        output.sample(info, ["node": node, "version": version], 1)
        let uptime = figures.uptimeSeconds
        output.gauge("rookery_uptime_seconds", "Time since the node has started.", uptime)
        output.gauge("rookery_view_epoch", "The view that the node is at.", figures.epoch)
        if let stable = figures.stableEpoch {
            let help = "The last view that the node knows to be settled."
            output.gauge("rookery_stable_view_epoch", help, stable)
        }
        let lease = Double(figures.leaseMilliseconds ?? 0) / 1_000
        let help = "How long the node may run objects without another renewal; 0: it stands still."
        output.gauge("rookery_lease_seconds", help, lease)
        let isVoter = figures.isVoter ? 1 : 0
        output.gauge("rookery_voter", "1 when the node decides on views and leases.", isVoter)
        let awaited = figures.releasesAwaited.count
        let releases = "Members that have not released what the view gives to others."
        output.gauge("rookery_releases_awaited", releases, awaited)
    }

    private mutating func writeLoad() {
        let partitions = "rookery_partitions"
        output.begin(partitions, .gauge, "Partitions that are the node's, and that it may run.")
        output.sample(partitions, ["state": "owned"], figures.partitions.owned)
        output.sample(partitions, ["state": "running"], figures.partitions.running)
        let objects = "rookery_objects"
        output.begin(objects, .gauge, "Objects of the node, by their class.")
        for (name, count) in figures.objects.byClass.sorted(by: { $0.key < $1.key }) {
            output.sample(objects, ["class": name], count)
        }
        let sessions = "rookery_sessions"
        let help =
            "Clients connected here (edge); clients of objects here (owned); of the first, those"
            + " whose object has no owner (parked)."
        output.begin(sessions, .gauge, help)
        output.sample(sessions, ["part": "edge"], figures.sessions.edge)
        output.sample(sessions, ["part": "owned"], figures.sessions.owned)
        output.sample(sessions, ["part": "parked"], figures.sessions.parked)
        guard let buffers = figures.buffers else { return }
        let (waiting, limit) = ("rookery_buffer_bytes", "rookery_buffer_limit_bytes")
        output.gauge(waiting, "What waits in memory for clients.", buffers.bytes)
        output.gauge(limit, "What may wait there.", buffers.limit)
        let busy = "1 when new requests are refused for want of memory."
        output.gauge("rookery_buffer_busy", busy, buffers.isBusy ? 1 : 0)
    }

    private mutating func writeLinks() {
        write("rookery_link_up", .gauge, "1 when the link to the peer is up.") { $0.isUp ? 1 : 0 }
        let info = "rookery_link_info"
        output.begin(info, .gauge, "1, with the version of the link that both ends have agreed on.")
        for link in figures.links {
            guard let version = link.version else { continue }
            output.sample(info, ["peer": link.node, "version": "\(version)"], 1)
        }
        write("rookery_link_round_trip_seconds", .gauge, "The round trip of a heartbeat.") {
            $0.rttMilliseconds.map { $0 / 1_000 }
        }
        write("rookery_link_sent_bytes_total", .counter, "Bytes sent to the peer.", \.sentBytes)
        write("rookery_link_received_bytes_total", .counter, "Bytes that came from the peer.") {
            $0.receivedBytes
        }
        write("rookery_link_queued_bytes", .gauge, "What waits to be sent.", \.queuedBytes)
    }

    private mutating func write<Value: CustomStringConvertible>(
        _ name: String,
        _ kind: MetricsText.Kind,
        _ help: String,
        _ value: (NodeReport.Link) -> Value?
    ) {
        output.begin(name, kind, help)
        for link in figures.links {
            if let value = value(link) { output.sample(name, ["peer": link.node], value) }
        }
    }

    private mutating func writeCounts() {
        let refused = "What was dropped or refused, or went wrong, by its reason."
        write("rookery_refusals_total", label: "reason", refused, figures.counters)
        let done = "What happened in good order, by its kind."
        write("rookery_events_total", label: "event", done, figures.activity)
    }

    private mutating func write(
        _ name: String,
        label: String,
        _ help: String,
        _ counts: [String: UInt64]
    ) {
        output.begin(name, .counter, help)
        for (word, count) in counts.sorted(by: { $0.key < $1.key }) {
            output.sample(name, [label: word], count)
        }
    }
}
