import BuiltIn
import Foundation
import Node
import Testing

@testable import RookeryTesting

extension TestWebSocket {
    /// What a Counter says next.
    func reading() async throws -> Counter.Reading {
        try JSONDecoder().decode(Counter.Reading.self, from: Data(await receiveBytes()))
    }

    /// Counts one more.
    func count() async throws -> Counter.Reading {
        await send("one more")
        return try await reading()
    }
}

extension TestResponse {
    /// What a Counter has answered.
    var reading: Counter.Reading {
        get throws { try JSONDecoder().decode(Counter.Reading.self, from: Data(body)) }
    }
}

extension TestCluster {
    /// The state of the cluster as a node tells an operator.
    func report(by node: Int) async throws -> StatusReport {
        try StatusReport(json: await ask("/cluster/status", of: node).body)
    }

    /// What a node says of itself.
    func figures(of node: Int) async throws -> NodeReport.Figures {
        let report = try await report(by: node)
        let own = report.nodes.first { $0.name == "node-\(node + 1)" }
        return try #require(own?.figures)
    }

    /// Where an object is, as a node tells an operator.
    func locate(_ className: String, _ name: String, by node: Int) async throws -> ObjectLocation {
        let answer = try await ask("/cluster/locate/\(className)/\(name)", of: node)
        return try JSONDecoder().decode(ObjectLocation.self, from: Data(answer.body))
    }

    /// The only name of a class that a test needs on a node.
    func name(of className: String, on node: Int) async throws -> String {
        try #require(await names(1, of: className, on: node).first)
    }

    /// Waits until a node has as many sessions without an owner.
    func waitUntilParked(_ count: Int, on node: Int) async throws {
        for _ in 0..<1_000 {
            if try await figures(of: node).sessions.parked == count { return }
            await advance(by: .milliseconds(10))
        }
        throw error(.overdue("\(count) parked sessions", within: .seconds(10)))
    }
}
