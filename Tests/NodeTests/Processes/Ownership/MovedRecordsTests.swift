import BuiltIn
import Foundation
import Node
import Primitives
import Testing
import Wire

extension ProcessTests {
    /// What objects leave to their next instance, on real nodes.
    @Suite struct MovedRecordsTests {
        private static let names = (1...24).map { "keeper-\($0)" }

        @Test func `a planned move carries what objects give, and their alarms`() async throws {
            let registry = try ObjectRegistry([KeepingObject.self])
            try await InnerNodes.run(2, registry: registry) { nodes in
                for (index, name) in Self.names.enumerated() {
                    let reading = try await read("/\(name)/add/\(index)", nodes[0], .post)
                    #expect(reading.count == index)
                }
                let before = try await readAll(nodes)
                _ = try nodes.start()
                try await nodes.converge()
                let after = try await expectKept(nodes)
                #expect(movedCount(before, after) > 0, "nothing has moved")
                await nodes.stopLast()
                try await nodes.converge()
                #expect(movedCount(after, try await expectKept(nodes)) > 0, "nothing has moved")
            }
        }

        /// Every object has its number, and the alarm that it has set long before.
        private func expectKept(_ nodes: InnerNodes) async throws -> [KeepingObject.Reading] {
            let readings = try await readAll(nodes)
            #expect(readings.map(\.count) == Array(0..<Self.names.count))
            #expect(readings.allSatisfy { $0.alarms == ["later"] }, "\(readings)")
            return readings
        }

        private func readAll(_ nodes: InnerNodes) async throws -> [KeepingObject.Reading] {
            var readings: [KeepingObject.Reading] = []
            for name in Self.names { readings.append(try await read("/\(name)", nodes[1])) }
            return readings
        }

        private func movedCount(
            _ before: [KeepingObject.Reading],
            _ after: [KeepingObject.Reading]
        ) -> Int {
            zip(before, after).count { $0.0.node != $0.1.node }
        }

        private func read(
            _ path: String,
            _ node: NodeProcess,
            _ method: HTTPMethod = .get
        ) async throws -> KeepingObject.Reading {
            let request = HTTPRequestText(method, "/objects/KeepingObject\(path)", body: [])
            let answer = try await HTTPAnswer.fetch(request, method, from: node.addresses.client)
            return try JSONDecoder().decode(KeepingObject.Reading.self, from: Data(answer.body))
        }

        @Test func `an alarm outlives its node, which is killed`() async throws {
            let settings = ["lease=1s", "gossip.probe_interval=200ms"]
            try await LocalNodes.run(3, settings: settings) { nodes in
                let names = try await nodes[0].names(4, of: "Counter", on: nodes[2])
                for name in names {
                    let answer = try await nodes[0].fetch(
                        "/objects/Counter/\(name)/in/4000",
                        .post,
                        body: []
                    )
                    #expect(answer.status == 200)
                }
                nodes[2].process.signal(SIGKILL)
                for name in names {
                    try await eventually("\(name) has counted") {
                        let answer = try await nodes[0].fetch("/objects/Counter/\(name)")
                        return try JSONDecoder().decode(
                            Counter.Reading.self,
                            from: Data(answer.body)
                        ).count == 1
                    }
                }
                var received: UInt64 = 0
                for node in [nodes[0], nodes[1]] {
                    received += try await node.figures().activity["alarms_fired", default: 0]
                }
                #expect(received >= 4)
            }
        }
    }
}

/// Keeps a number, gives it on when it moves, and has an alarm that is not due in this test.
actor KeepingObject: DurableObject {
    struct Reading: Codable {
        let node: String
        let count: Int
        let alarms: [String]
    }

    let context: ObjectContext
    private var count = 0

    init(context: ObjectContext) { self.context = context }

    func fetch(_ request: Request) async throws -> Response {
        if request.method == .post {
            count += request.target.split(separator: "/").last.flatMap { Int($0) } ?? 0
            try await context.setAlarm("later", at: Date(timeIntervalSinceNow: 3_600))
        }
        let reading = Reading(
            node: context.node.name,
            count: count,
            alarms: context.alarms.map(\.name)
        )
        return .json(Array(try JSONEncoder().encode(reading)))
    }

    func snapshot() async throws -> Snapshot? { try Snapshot(encoding: count) }

    func didTakeOver(_ takeOver: TakeOver) async throws {
        if takeOver.isPlanned { count = try takeOver.snapshot?.decoded() ?? -1 }
    }
}
