import Primitives

// What a node tells of itself by its metrics alone.
extension NodeMetrics {
    mutating func writeReadings() {
        guard let readings = figures.readings else { return }
        write(cluster: readings)
        write(clocks: readings.clocks)
        write(clients: readings)
        let turns = "How long turns of the event loops took: so long may others have had to wait."
        output.histogram("rookery_loop_turn_seconds", turns, readings.turnTimes)
        let handlers = "How long handlers of objects took, of one event in 16."
        output.histogram("rookery_object_handler_seconds", handlers, readings.handlerTimes)
        if let process = readings.process { write(process) }
    }

    private mutating func write(cluster readings: NodeReadings) {
        let ready = "1 when the node is to be sent clients, as /ready tells."
        output.gauge("rookery_ready", ready, readings.isReady ? 1 : 0)
        let members = "rookery_members"
        output.begin(members, .gauge, "Nodes that gossip knows, by their state.")
        for (state, count) in readings.membersByState.sorted(by: { $0.key < $1.key }) {
            output.sample(members, ["state": state], count)
        }
        output.gauge("rookery_view_members", "Members of the view.", readings.viewMembers)
        output.gauge("rookery_view_voters", "Voters of the view.", readings.viewVoters)
        let lease = "The lease that the node was given: what rookery_lease_seconds begins with."
        output.gauge("rookery_lease_limit_seconds", lease, readings.leaseTime.inSeconds)
    }

    /// The clocks that alarms, logs and tokens go by; leases do not.
    private mutating func write(clocks: [String: ClockDifference]) {
        let clocks = clocks.sorted { $0.key < $1.key }
        let ahead = "rookery_peer_clock_ahead_seconds"
        output.begin(ahead, .gauge, "How far the peer's time of day is ahead; less than 0: behind.")
        for (peer, difference) in clocks {
            output.sample(ahead, ["peer": peer], Double(difference.aheadMilliseconds) / 1_000)
        }
        let error = "rookery_peer_clock_error_seconds"
        output.begin(error, .gauge, "By so much that may be less or more.")
        for (peer, difference) in clocks {
            output.sample(error, ["peer": peer], Double(difference.errorMilliseconds) / 1_000)
        }
    }

    private mutating func write(clients readings: NodeReadings) {
        let clients = "Connections of clients, WebSocket or not."
        output.gauge("rookery_connections", clients, readings.connections)
        let limit = "How many connections of clients there may be."
        output.gauge("rookery_connections_limit", limit, readings.connectionsMax)
        let (messages, bytes) = ("rookery_messages_total", "rookery_message_bytes_total")
        let (received, sent) = (readings.traffic.received, readings.traffic.sent)
        output.begin(
            messages,
            .counter,
            "WebSocket messages of the clients that are connected here."
        )
        output.sample(messages, ["direction": "received"], received.messages)
        output.sample(messages, ["direction": "sent"], sent.messages)
        output.begin(bytes, .counter, "Their bytes, without masks and compression.")
        output.sample(bytes, ["direction": "received"], received.bytes)
        output.sample(bytes, ["direction": "sent"], sent.bytes)
        let answers = "How long HTTP requests of clients waited for their answer."
        output.histogram("rookery_request_seconds", answers, readings.answerTimes)
    }

    /// Under the names that Prometheus has for every program.
    private mutating func write(_ process: ProcessReadings) {
        let processor = "process_cpu_seconds_total"
        output.begin(processor, .counter, "Time that processors have spent on the node.")
        output.sample(processor, [:], process.processorSeconds)
        let memory = "Memory that the node has in use."
        output.gauge("process_resident_memory_bytes", memory, process.residentBytes)
        let start = "When the node was started, since 1970."
        output.gauge("process_start_time_seconds", start, process.startSeconds)
        output.gauge("process_open_fds", "Open descriptors.", process.descriptors)
        output.gauge("process_max_fds", "How many may be open.", process.descriptorsMax)
    }
}
