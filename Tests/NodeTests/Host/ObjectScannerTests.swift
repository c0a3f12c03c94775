import Primitives
import Testing

@testable import Node

@Suite(.onTestLoop) struct ObjectScannerTests {
    /// Objects without instances on one host; lives on the loop of the tests.
    private final class Crowd {
        let host: ObjectHost
        private let fixture: ObjectHostFixture

        init(_ count: Int) throws {
            fixture = try ObjectHostFixture()
            host = fixture.host
            for number in 0..<count { try add("object-\(number)") }
        }

        func key(_ name: String) throws -> ObjectKey {
            try #require(ObjectKey(className: "LatchObject", name: name))
        }

        func add(_ name: String) throws {
            let key = try key(name)
            let view = host.routes.view
            let partition = view.partition(of: key)
            let place = ObjectPlace(key: key, partition: partition, epoch: view.epoch)
            _ = try host.object(at: place).get()
        }

        func remove(_ name: String) throws {
            try #require(host.hosted(try key(name))).evict()
        }

        /// All pages, one after the other.
        func all(_ query: ObjectQuery) async throws -> [String] {
            var query = query
            var names: [String] = []
            while true {
                let page = try await page(query)
                names += page.entries.map(\.key.name)
                guard !page.isWhole, let last = page.entries.last else { return names }
                query.after = ObjectCursor(behind: last.key)
            }
        }

        func page(_ query: ObjectQuery) async throws -> ObjectPage {
            var page: ObjectPage?
            #expect(host.scanner.scan(query) { page = $0 })
            return try await eventually("a page", every: .microseconds(100)) { page }
        }
    }

    private func query(limit: Int = 100) -> ObjectQuery {
        var query = ObjectQuery()
        query.limit = limit
        return query
    }

    @Test(arguments: [0, 1, 1_023, 1_024, 1_025, 2_500])
    func `all are found, page after page`(_ count: Int) async throws {
        let crowd = try Crowd(count)
        let names = (0..<count).map { "object-\($0)" }.sorted()
        #expect(try await crowd.all(query(limit: 1_000)) == names)
        #expect(try await crowd.all(query(limit: 999)) == names)
    }

    @Test func `only those that are asked for are found`() async throws {
        let crowd = try Crowd(300)
        var query = query(limit: 10)
        query.prefix = "object-29"
        let expected = ["object-29"] + (0...9).map { "object-29\($0)" }
        #expect(try await crowd.all(query) == expected)
        query.className = "Other"
        #expect(try await crowd.page(query) == ObjectPage())
    }

    /// Those before a cursor do not come again, and who has come behind it is there.
    @Test func `a cursor outlives what it names`() async throws {
        let crowd = try Crowd(30)
        let first = try await crowd.page(query(limit: 10))
        let last = try #require(first.entries.last)
        try crowd.remove(last.key.name)
        try crowd.add("object-0-new")
        try crowd.add("object-5-new")
        var next = query(limit: 100)
        next.after = ObjectCursor(behind: last.key)
        let names = try await crowd.page(next).entries.map(\.key.name)
        let behind = ((0..<30).map { "object-\($0)" } + ["object-5-new"]).sorted()
        #expect(names == behind.filter { $0 > last.key.name })
        #expect(!names.contains("object-0-new"))
    }

    @Test func `who stays is found, whoever comes and goes meanwhile`() async throws {
        let crowd = try Crowd(6_000)
        let staying = (0..<6_000).filter { $0 % 2 == 0 }.map { "object-\($0)" }
        var query = query(limit: 1_000)
        query.prefix = "object-1"
        var page: ObjectPage?
        #expect(crowd.host.scanner.scan(query) { page = $0 })
        var number = 1
        while page == nil, number < 6_000 {
            // The last ones take the places of those that go.
            for _ in 0..<200 where number < 6_000 {
                try crowd.remove("object-\(number)")
                number += 2
            }
            await Task.yield()
        }
        let found = try await eventually("a page", every: .microseconds(100)) { page }
        let names = found.entries.map(\.key.name)
        let expected = staying.filter { $0.hasPrefix("object-1") }.sorted()
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        let last = try #require(names.last)
        let reached = found.isWhole ? expected : expected.filter { $0 <= last }
        #expect(Set(reached).isSubset(of: names))
    }

    @Test func `so many scans may wait, and no more`() async throws {
        let crowd = try Crowd(10)
        var count = 0
        for _ in 0..<ObjectScanner.waitingMax {
            #expect(crowd.host.scanner.scan(query()) { _ in count += 1 })
        }
        #expect(!crowd.host.scanner.scan(query()) { _ in count += 1_000 })
        try await eventually("they end", every: .microseconds(100)) {
            count == ObjectScanner.waitingMax ? () : nil
        }
        #expect(crowd.host.scanner.scan(query()) { _ in })
    }
}
