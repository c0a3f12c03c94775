import Foundation
import Testing

@testable import Node

@Suite struct StatusReportTests {
    @Test func `a report survives its JSON`() throws {
        let json = try StatusReport.example.json()
        #expect(try StatusReport(json: json) == .example)
        #expect(try StatusReport(json: json).json() == json)
    }

    @Test func `the figures of a node stand beside its name`() throws {
        let json = try JSONSerialization.jsonObject(with: Data(StatusReport.example.json()))
        let report = try #require(json as? [String: Any])
        let keys = ["cluster", "members", "node", "nodes", "time", "version", "view"]
        #expect(report.keys.sorted() == keys)
        let nodes = try #require(report["nodes"] as? [[String: Any]])
        #expect(nodes[0]["reachable"] as? Bool == true)
        #expect((nodes[0]["objects"] as? [String: Any])?["total"] as? Int == 1_204)
        #expect(nodes[2].keys.sorted() == ["name", "reachable"])
    }

    @Test func `a reader ignores what a later version adds`() throws {
        let text = String(decoding: try StatusReport.example.json(), as: UTF8.self)
            .replacingOccurrences(of: "{\"", with: "{\"later\":[1],\"")
            .replacingOccurrences(of: "\"byClass\":{\"later\":[1],", with: "\"byClass\":{")
            .replacingOccurrences(of: "\"counters\":{\"later\":[1],", with: "\"counters\":{")
        #expect(text.contains("later"))
        #expect(try StatusReport(json: Array(text.utf8)) == .example)
    }

    @Test func `what is no report is an error`() {
        for text in ["", "{}", "[]", "{\"nodes\":1}"] {
            #expect(throws: (any Error).self) { try StatusReport(json: Array(text.utf8)) }
        }
    }

    @Test func `a hash has 16 digits`() {
        #expect(StatusReport.hexadecimal(0) == "0000000000000000")
        #expect(StatusReport.hexadecimal(.max) == "ffffffffffffffff")
    }

    /// What a node must not say for a cluster that has settled.
    static let troubles: [@Sendable (inout NodeReport) -> Void] = [
        { $0.figures = nil }, { $0.figures?.epoch = 6 }, { $0.figures?.ringHash = "" },
        { $0.figures?.stableEpoch = 6 }, { $0.figures?.stableEpoch = nil },
        { $0.figures?.leaseMilliseconds = nil },
    ]

    @Test(arguments: troubles.indices)
    func `a cluster has settled when every node knows it and has a lease`(trouble: Int) {
        let report = StatusReport.example
        let good = report.nodes[0]
        #expect(StatusReport.haveConverged([good, good], on: report.view))
        var bad = good
        Self.troubles[trouble](&bad)
        #expect(!StatusReport.haveConverged([good, bad], on: report.view))
    }

    @Test func `a frozen node says that it has no lease`() throws {
        var report = StatusReport.example
        report.nodes = [report.nodes[1]]
        let text = String(decoding: try report.json(), as: UTF8.self)
        #expect(text.contains(#""leaseMilliseconds":null"#))
    }

    @Test func `the report of a Rookery without views can be read`() throws {
        let text = """
            {"cluster":"c","members":[],"node":"n","nodes":[{"activity":{},"adminAddress":"",\
            "clientAddress":"","counters":{},"epoch":3,"links":[],"name":"n",\
            "objects":{"byClass":{},"total":0},"reachable":true,"ringHash":"00",\
            "sessions":{"edge":1,"owned":2},"uptimeSeconds":1,"version":"0.1.0"}],\
            "time":"","version":"0.1.0",\
            "view":{"converged":true,"epoch":3,"members":1,"ringHash":"00"}}
            """
        let report = try StatusReport(json: Array(text.utf8))
        #expect(report.view.stableEpoch == nil)
        #expect(report.view.voters == [])
        #expect(report.nodes[0].figures?.sessions == .init(edge: 1, owned: 2, parked: 0))
        #expect(report.nodes[0].figures?.releasesAwaited == [])
        #expect(
            StatusTable.text(of: report).contains("\nView 3\nRing 00, 1 member, all nodes agree\n")
        )
    }
}
