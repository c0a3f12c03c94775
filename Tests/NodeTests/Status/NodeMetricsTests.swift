import Testing

@testable import Node

@Suite struct NodeMetricsTests {
    private func text(of index: Int) throws -> String {
        let report = StatusReport.example.nodes[index]
        return NodeMetrics.text(of: try #require(report.figures), node: report.name)
    }

    private func samples(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    @Test func `a node's figures are samples`() throws {
        let samples = samples(try text(of: 0))
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
        #expect(!samples.contains { $0.contains("round_trip") })
    }

    @Test func `each metric is described once, in front of all its samples`() throws {
        let lines = try text(of: 0).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        var described: [Substring] = []
        for (index, line) in lines.dropLast().enumerated() {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP") {
                #expect(!described.contains(words[2]))
                described.append(words[2])
                #expect(lines[index + 1].hasPrefix("# TYPE \(words[2]) "))
            } else if !line.hasPrefix("#") {
                #expect(line.prefix { $0 != "{" && $0 != " " } == described.last)
            }
        }
        for name in described where name.hasSuffix("_total") {
            #expect(lines.contains("# TYPE \(name) counter"))
        }
    }

    @Test func `a label may be anything`() {
        var metrics = MetricsText()
        metrics.sample("a", ["b": "1\"2\\3\n4 ö", "c": ""], 5)
        #expect(metrics.text == #"a{b="1\"2\\3\n4 ö",c=""} 5"# + "\n")
    }
}
