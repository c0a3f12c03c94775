import Foundation
import Node
import Synchronization
import Testing

extension PlannedProcessTests {
    /// Every node of a cluster is restarted, one after the other, while clients are at work.
    @Suite struct RollingRestartTests {
        /// As for the other planned moves: no lease ends here.
        static let settings = ["lease=10s", "gossip.probe_interval=200ms"]

        @Test func `a rolling restart by SIGTERM and by drain loses nothing, and closes with 1012`()
            async throws
        {
            try await LocalNodes.run(3, settings: Self.settings) { nodes in
                let isEnding = SharedFlag()
                let roamers = try await withThrowingTaskGroup { group in
                    for number in 0..<12 {
                        let roamer = Roamer("rolling-\(number)", edge: number % 3, nodes)
                        group.addTask { try await roamer.run(until: isEnding) }
                    }
                    for (index, node) in nodes.all.enumerated() {
                        node.process.mayEnd()
                        if index == 0 {
                            node.process.signal(SIGTERM)
                        } else {
                            // Asked at the node before it.
                            let command = try await nodes[index - 1].command("drain", node.name)
                            #expect(try await command.exit() == .status(0), "\(command.errorText)")
                            let last = command.outputText.split(separator: "\n").last
                            #expect(last == "\(node.name) has left the cluster")
                        }
                        #expect(try await node.process.exit() == .status(0))
                        try await nodes.restart(node)
                        try await nodes.converge()
                    }
                    isEnding.set()
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let closes = roamers.flatMap(\.closes)
                #expect(closes.count >= 12)
                for close in closes {
                    #expect(close.code == 1012)
                    #expect(close.reason.hasPrefix("retry="))
                }
                for roamer in roamers { #expect(roamer.answered > 20) }
            }
        }
    }
}

/// A client that says numbers to an Echo, one at a time, and goes to another node when it is sent
/// away.
///
/// What was not answered by then it says again.
private struct Roamer: Sendable {
    struct Outcome: Sendable {
        var answered = 0
        var closes: [WebSocketClient.Close] = []
    }

    let name: String
    let edge: Int
    let nodes: LocalNodes

    init(_ name: String, edge: Int, _ nodes: LocalNodes) {
        (self.name, self.edge, self.nodes) = (name, edge, nodes)
    }

    /// Throws for an answer that is out of order.
    func run(until isEnding: SharedFlag) async throws -> Outcome {
        var outcome = Outcome()
        var edge = edge
        var client = try await nodes[edge].webSocket("/objects/Echo/\(name)")
        while !isEnding.isSet {
            await client.send("\(outcome.answered + 1)")
            do {
                let text = try await client.receiveText()
                guard text == "\(outcome.answered + 1)" else {
                    throw Overdue(what: "\(outcome.answered + 1) to \(name), not \(text)")
                }
                outcome.answered += 1
                // Else a dozen of them leave the nodes no time for their views.
                try await Task.sleep(for: .milliseconds(5))
            } catch let close as WebSocketClient.Close {
                outcome.closes.append(close)
                edge = (edge + 1) % 3
                client = try await eventually("another node for \(name)") { [edge] in
                    try await nodes[edge].webSocket("/objects/Echo/\(name)")
                }
            }
        }
        await client.abort()
        return outcome
    }
}
