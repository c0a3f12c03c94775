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

    @Test func `nodes have converged when all of them say the same`() {
        let nodes = StatusReport.example.nodes
        let ring = StatusReport.example.view.ringHash
        #expect(StatusReport.haveConverged([nodes[0]], on: ring))
        #expect(!StatusReport.haveConverged([nodes[0], nodes[1]], on: ring))
        #expect(!StatusReport.haveConverged([nodes[0], nodes[2]], on: ring))
    }
}
