import Primitives
import Testing

@testable import Node

@Suite struct NodeMetricsTests {
    private func text(
        of index: Int,
        linkVersion: Int? = nil,
        readings: NodeReadings? = nil
    ) throws -> String {
        let report = StatusReport.example.nodes[index]
        var figures = try #require(report.figures)
        figures.readings = readings
        for link in figures.links.indices { figures.links[link].version = linkVersion }
        return NodeMetrics.text(of: figures, node: report.name)
    }

    private func samples(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    @Test func `a node's figures are samples`() throws {
        let samples = samples(try text(of: 0, linkVersion: 2))
        let expected = [
            #"rookery_info{node="node-1",version="0.1.0"} 1"#, "rookery_uptime_seconds 8000.0",
            "rookery_view_epoch 7", "rookery_stable_view_epoch 7", "rookery_lease_seconds 1.85",
            "rookery_voter 1", "rookery_releases_awaited 0",
            #"rookery_partitions{state="owned"} 40000"#,
            #"rookery_partitions{state="running"} 40001"#,
            #"rookery_objects{class="Counter"} 4"#, #"rookery_objects{class="Room"} 1200"#,
            #"rookery_sessions{part="edge"} 3100"#, #"rookery_sessions{part="owned"} 2900"#,
            #"rookery_sessions{part="parked"} 0"#, "rookery_buffer_bytes 1048576",
            "rookery_buffer_limit_bytes 1073741824", "rookery_buffer_busy 0",
            #"rookery_link_up{peer="node-2"} 1"#,
            #"rookery_link_info{peer="node-2",version="2"} 1"#,
            #"rookery_link_sent_bytes_total{peer="node-2"} 0"#,
            #"rookery_link_received_bytes_total{peer="node-2"} 0"#,
            #"rookery_link_queued_bytes{peer="node-2"} 0"#,
            #"rookery_refusals_total{reason="gossip.bad_signature"} 2"#,
            #"rookery_refusals_total{reason="session.too_slow"} 1000"#,
        ]
        #expect(samples.filter { !$0.contains("round_trip") } == expected)
        let roundTrip = try #require(samples.first { $0.contains("round_trip") })
        #expect(roundTrip.hasPrefix(#"rookery_link_round_trip_seconds{peer="node-2"} 0.0003"#))
    }

    @Test func `what is not known is left out, and a frozen node has no lease`() throws {
        let samples = samples(try text(of: 1))
        #expect(samples.contains("rookery_lease_seconds 0.0"))
        #expect(samples.contains("rookery_releases_awaited 2"))
        #expect(!samples.contains { $0.hasPrefix("rookery_buffer") })
        #expect(!samples.contains { $0.hasPrefix("rookery_link_info") })
        #expect(!samples.contains { $0.contains("round_trip") })
    }

    @Test func `each metric is described once, in front of all its samples`() throws {
        let lines = try text(of: 0, readings: .example)
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        var described: [Substring] = []
        for (index, line) in lines.dropLast().enumerated() {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP") {
                #expect(!described.contains(words[2]))
                described.append(words[2])
                #expect(lines[index + 1].hasPrefix("# TYPE \(words[2]) "))
            } else if !line.hasPrefix("#") {
                let name = line.prefix { $0 != "{" && $0 != " " }
                let metric = name.replacing(/_(?:bucket|sum|count)$/, with: "")
                #expect(name == described.last ?? "" || metric == described.last ?? "")
            }
        }
        for name in described where name.hasSuffix("_total") {
            #expect(lines.contains("# TYPE \(name) counter"))
        }
    }

    @Test func `a node's own readings are samples`() throws {
        let samples = samples(try text(of: 0, readings: .example))
        for expected in [
            "rookery_ready 1",
            #"rookery_members{state="alive"} 2"#, #"rookery_members{state="dead"} 1"#,
            "rookery_view_members 2", "rookery_view_voters 1", "rookery_lease_limit_seconds 2.0",
            #"rookery_peer_clock_ahead_seconds{peer="node-2"} -1.25"#,
            #"rookery_peer_clock_error_seconds{peer="node-2"} 0.002"#,
            "rookery_connections 7", "rookery_connections_limit 100",
            #"rookery_messages_total{direction="received"} 2"#,
            #"rookery_message_bytes_total{direction="received"} 300"#,
            #"rookery_messages_total{direction="sent"} 0"#,
            "process_cpu_seconds_total 1.5", "process_resident_memory_bytes 4096",
            "process_start_time_seconds 1000.0", "process_open_fds 9", "process_max_fds 1024",
        ] { #expect(samples.contains(expected), "\(expected)") }
    }

    @Test func `the buckets of a histogram add up`() throws {
        let samples = samples(try text(of: 0, readings: .example))
            .filter { $0.hasPrefix("rookery_loop_turn_seconds") }
        #expect(samples.first == #"rookery_loop_turn_seconds_bucket{le="0.0001"} 0"#)
        #expect(samples.contains(#"rookery_loop_turn_seconds_bucket{le="0.005"} 1"#))
        #expect(samples.contains(#"rookery_loop_turn_seconds_bucket{le="10.0"} 1"#))
        #expect(
            samples.suffix(3) == [
                #"rookery_loop_turn_seconds_bucket{le="+Inf"} 2"#,
                "rookery_loop_turn_seconds_sum 20.004", "rookery_loop_turn_seconds_count 2",
            ]
        )
    }

    @Test func `a label may be anything`() {
        var metrics = MetricsText()
        metrics.sample("a", ["b": "1\"2\\3\n4 ö", "c": ""], 5)
        #expect(metrics.text == #"a{b="1\"2\\3\n4 ö",c=""} 5"# + "\n")
    }
}

extension NodeReadings {
    fileprivate static var example: NodeReadings {
        var readings = NodeReadings()
        readings.isReady = true
        readings.membersByState = ["alive": 2, "dead": 1]
        (readings.viewMembers, readings.viewVoters) = (2, 1)
        readings.leaseTime = .seconds(2)
        readings.clocks["node-2"] = ClockDifference(aheadMilliseconds: -1_250, errorMilliseconds: 2)
        (readings.connections, readings.connectionsMax) = (7, 100)
        readings.turnTimes.record(.milliseconds(4))
        readings.turnTimes.record(.seconds(20))
        readings.traffic.received.count(100)
        readings.traffic.received.count(200)
        readings.process = ProcessReadings.example
        return readings
    }
}

extension ProcessReadings {
    fileprivate static var example: ProcessReadings? {
        // A program may be called anything.
        let fields = "S 1 1 1 0 -1 4194560 1 0 0 0 100 50 0 0 20 0 5 0 1000 99999 1 0 0"
        var readings = ProcessReadings(
            stat: "12 (a) b (c) \(fields)\n",
            systemStat: "cpu 1 2\nbtime 990\nprocesses 3\n",
            ticksPerSecond: 100,
            pageBytes: 4_096
        )
        readings?.descriptors = 9
        readings?.descriptorsMax = 1_024
        return readings
    }
}

@Suite struct ProcessReadingsTests {
    @Test func `the kernel tells of this process`() throws {
        let readings = try #require(ProcessReadings.now)
        #expect(readings.residentBytes > 1 << 20 && readings.descriptors > 2)
        #expect(readings.descriptorsMax >= readings.descriptors)
        #expect(readings.processorSeconds > 0 && readings.startSeconds > 1_700_000_000)
    }

    @Test(arguments: [
        "", "12 (a) S 1", "12 a S 1 1 1", "1 (a) S" + String(repeating: " x", count: 30),
    ])
    func `what is no such file is nothing`(_ stat: String) {
        let readings = ProcessReadings(
            stat: stat,
            systemStat: "btime 1\n",
            ticksPerSecond: 100,
            pageBytes: 4_096
        )
        #expect(readings == nil)
    }
}
