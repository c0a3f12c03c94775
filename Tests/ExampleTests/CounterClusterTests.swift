import Rookery
import RookeryTesting
import Testing

@testable import counter

/// Counters that are asked at three nodes.
@Suite(.timeLimit(.minutes(15)), .seeded) struct CounterClusterTests {
    private func cluster(seed: UInt64) async throws -> TestCluster {
        try await TestCluster(seed: seed, objects: CounterApp.objects, worker: CounterApp.worker)
    }

    private func add(
        _ cluster: TestCluster,
        _ target: String,
        via node: Int
    ) async throws -> String {
        try await cluster.fetch("/api/counters/" + target, method: "POST", body: [], via: node).text
    }

    @Test func `every counter reports to the one total`() async throws {
        let cluster = try await cluster(seed: 1)
        let answers = [
            try await add(cluster, "apples", via: 0), try await add(cluster, "pears?add=4", via: 1),
            try await cluster.fetch("/api/counters/apples", via: 2).text,
            try await cluster.fetch("/api/total", via: 2).text,
        ]
        #expect(
            answers == [
                #"{"count":1,"name":"apples","total":1}"#, #"{"count":4,"name":"pears","total":5}"#,
                #"{"count":1,"name":"apples"}"#,
                #"{"counters":[{"count":1,"name":"apples"},{"count":4,"name":"pears"}],"total":5}"#,
            ]
        )
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a total that was lost is right again after the next reports`(seed: UInt64) async throws {
        let cluster = try await cluster(seed: seed)
        let owner = try #require(await cluster.owner(of: "Total", named: "all"))
        let edge = (owner + 1) % 3
        var names: [String] = []
        for number in 1...40 where names.count < 2 {
            let name = "counter-\(number)"
            guard await cluster.owner(of: "Counter", named: name) != owner else { continue }
            names.append(name)
        }
        try #require(names.count == 2)
        for name in names { _ = try await add(cluster, name + "?add=10", via: edge) }
        await cluster.kill(owner)
        // The first report may have gone to the dead node: it counts, and is told with the next.
        for name in names + names { _ = try await add(cluster, name, via: edge) }
        let total = try await cluster.fetch("/api/total", via: edge).text
        #expect(total.hasSuffix(#""total":24}"#), "\(total)")
    }

    @Test func `counts go along when a node leaves`() async throws {
        let cluster = try await cluster(seed: 1)
        let names = (1...12).map { "counter-\($0)" }
        for name in names { _ = try await add(cluster, name + "?add=2", via: 0) }
        try await cluster.drain(2)
        for name in names {
            #expect(try await add(cluster, name, via: 0).hasPrefix(#"{"count":3,"#), "\(name)")
        }
        let total = try await cluster.fetch("/api/total", via: 1).text
        #expect(total.hasSuffix(#""total":36}"#), "\(total)")
    }

    @Test func `what cannot be counted is refused`() async throws {
        let cluster = try await cluster(seed: 1)
        #expect(try await add(cluster, "a?add=101", via: 0) == "add takes a number from 1 to 100")
        #expect(try await add(cluster, "a?add=x", via: 0) == "add takes a number")
        let long = String(repeating: "x", count: Counter.nameByteCountMax + 1)
        for (target, status) in [
            ("/", 200), ("/api/counters/a", 200), ("/api/counters/", 404),
            ("/api/counters/\(long)", 404), ("/api/counters/\(long.dropLast())", 200),
        ] {
            #expect(try await cluster.fetch(target, via: 0).status == status, "\(target)")
        }
        #expect(try await cluster.fetch("/api/total", method: "POST", via: 0).status == 405)
        #expect(try await cluster.fetch("/api/counters/a", method: "PUT", via: 0).status == 405)
    }
}
