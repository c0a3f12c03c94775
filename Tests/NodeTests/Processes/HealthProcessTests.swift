import Foundation
import Primitives
import Synchronization
import Testing
import Wire

@testable import Node

/// Blocks the thread of its loop when it is asked to, until the test lets it go.
private actor Blocker: DurableObject {
    static let gate = DispatchSemaphore(value: 0)
    static let isBlocked = Mutex(false)

    let context: ObjectContext

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) -> Response {
        Self.isBlocked.withLock { $0 = true }
        Self.gate.wait()
        Self.isBlocked.withLock { $0 = false }
        return .text("free again")
    }
}

extension ProcessTests {
    /// Loops that do not turn, and who answers for them.
    @Suite struct HealthTests {
        private func health(_ path: String, of node: NodeProcess) async throws -> HTTPAnswer {
            let request = HTTPRequestText(.get, path, [:], host: "localhost")
            return try await HTTPAnswer.fetch(request, .get, from: node.addresses.admin)
        }

        /// Once with the loop that also controls the node, once with another one.
        @Test(arguments: [0, 1])
        func `a loop that is blocked is seen, whichever it is, and seen to turn again`(
            _ loop: Int
        ) async throws {
            let registry = try ObjectRegistry([Blocker.self])
            try await InnerNodes.run(2, registry: registry) {
                $0.health.loopTime = .milliseconds(800)
                $0.health.probeTime = .milliseconds(1_600)
            } _: { nodes in
                let (ill, other) = (nodes[0], nodes[1])
                let name = try await name(on: ill, loop: loop, nodes)
                #expect(try await health("/live", of: ill).status == 200)
                let task = Task {
                    let request = HTTPRequestText(.get, "/objects/Blocker/\(name)", [:])
                    return try await HTTPAnswer.fetch(request, .get, from: other.addresses.client)
                }
                try await eventually("the block") { Blocker.isBlocked.withLock { $0 } }
                let live = try await eventually("a loop that does not turn", within: .seconds(5)) {
                    let answer = try await health("/live", of: ill)
                    return answer.status == 503 ? answer : nil
                }
                #expect(live.text.contains(#""live":false"#), "\(live.text)")
                #expect(live.text.contains(#""name":"loops","passes":false"#))
                #expect(try await health("/ready", of: ill).status == 503)
                // The other one is not drawn into it.
                #expect(try await health("/ready", of: other).status == 200)
                #expect(try await health("/live", of: other).status == 200)

                Blocker.gate.signal()
                _ = try await task.value
                for path in ["/live", "/ready"] {
                    try await eventually("\(path) as before", within: .seconds(8)) {
                        try await health(path, of: ill).status == 200
                    }
                }
            }
        }

        /// A name of a node's object that lives on this loop of it.
        private func name(
            on node: NodeProcess,
            loop: Int,
            _ nodes: InnerNodes
        ) async throws -> String {
            let client = AdminClient(address: node.addresses.admin, token: nil)
            for number in 0..<200 {
                let key = try #require(ObjectKey(className: "Blocker", name: "b\(number)"))
                let json = try await client.get(ObjectLocation.path(of: key))
                let location = try JSONDecoder().decode(ObjectLocation.self, from: Data(json))
                if location.owner == node.name.name, Int(location.partition) % 2 == loop {
                    return key.name
                }
            }
            throw Overdue(what: "a name on loop \(loop)")
        }
    }
}
