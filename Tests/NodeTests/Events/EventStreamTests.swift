import Foundation
import Primitives
import Testing
import Wire

@testable import Node

/// `GET /cluster/events` over a connection.
@Suite(.onTestLoop) struct EventStreamTests {
    /// A reader of the stream.
    fileprivate struct Reader {
        let connection: TestConnection
        private var parser = HTTPResponseParser(to: .get)
        private var stream = EventStreamReader()
        private(set) var status = 0
        private(set) var hasEnded = false
        private var events: [ClusterEvent] = []

        init(
            _ admin: AdminFixture,
            _ target: String = "/cluster/events",
            _ headers: HTTPHeaders = [:]
        ) async throws {
            connection = try await TestConnection.open(to: admin.address)
            await connection.write(HTTPRequestText(.get, target, headers).bytes)
            while status == 0 { try await readOn() }
        }

        /// The next event; nil at the end.
        mutating func next() async throws -> ClusterEvent? {
            while events.isEmpty, !hasEnded { try await readOn() }
            return events.isEmpty ? nil : events.removeFirst()
        }

        private mutating func readOn() async throws {
            let deadline = Deadline(after: Deadline.patience)
            guard let bytes = try await connection.read(until: deadline) else {
                hasEnded = true
                return
            }
            parser.append(bytes)
            while let event = try parser.next() {
                switch event {
                case .head(let head): status = Int(head.status.code)
                case .body(let bytes):
                    let texts = stream.append(bytes)
                    for json in try #require(texts) {
                        events.append(try ClusterEvent(json: json))
                    }
                case .end: hasEnded = true
                }
            }
        }
    }

    private func readerCount(at admin: AdminFixture) async -> Int {
        await withCheckedContinuation { continuation in
            admin.feed.execute { continuation.resume(returning: $0.readerCount) }
        }
    }

    private func announce(_ count: Int, at admin: AdminFixture, size: Int = 1) async {
        await withCheckedContinuation { continuation in
            admin.feed.execute { feed in
                for number in 0..<count {
                    let text = "\(number)" + String(repeating: " ", count: size)
                    feed.announce(ClusterNews(kind: .operation, text: text))
                }
                continuation.resume()
            }
        }
    }

    private func texts(_ reader: inout Reader, _ count: Int) async throws -> [String] {
        var texts: [String] = []
        while texts.count < count, let event = try await reader.next() {
            texts.append(event.text.trimmingCharacters(in: .whitespaces))
        }
        return texts
    }

    @Test func `a reader hears what happens, and before it what it asks for`() async throws {
        let admin = try await AdminFixture()
        await announce(5, at: admin)
        var live = try await Reader(admin)
        var recent = try await Reader(admin, "/cluster/events?recent=2")
        await announce(1, at: admin)
        #expect(try await texts(&live, 1) == ["0"])
        #expect(try await texts(&recent, 3) == ["3", "4", "0"])
        var once = try await Reader(admin, "/cluster/events?recent=2&follow=false")
        #expect(try await texts(&once, 9) == ["4", "0"])
    }

    @Test func `a reader that comes back gets what it missed`() async throws {
        let admin = try await AdminFixture()
        await announce(2, at: admin)
        var first = try await Reader(admin, "/cluster/events?recent=2")
        _ = try await first.next()
        let last = try #require(try await first.next()?.id)
        await first.connection.abort()
        await announce(3, at: admin)
        var second = try await Reader(admin, headers: last)
        #expect(try await texts(&second, 3) == ["0", "1", "2"])
        // One that was with another process hears that it has not got all.
        var other = try await Reader(admin, headers: "fff-1")
        #expect(try await other.next()?.kind == "missed")
        #expect(try await texts(&other, 5).count == 5)
    }

    @Test func `what is no wish is refused`() async throws {
        let admin = try await AdminFixture()
        for query in ["recent=-1", "recent=1025", "recent=x", "follow=1", "recent=%ff"] {
            let answer = try await admin.ask(.get, "/cluster/events?\(query)")
            #expect(answer.status == 400, "\(query)")
        }
        let answer = try await admin.ask(.get, "/cluster/events", ["Last-Event-ID": "x"])
        #expect(answer.status == 400)
        #expect(try await admin.ask(.head, "/cluster/events").status == 200)
    }

    @Test func `there are so many readers, and a place is free when one goes`() async throws {
        let admin = try await AdminFixture()
        var readers: [Reader] = []
        for _ in 0..<EventFeed.readersMax { readers.append(try await Reader(admin)) }
        #expect(readers.allSatisfy { $0.status == 200 })
        #expect(try await admin.ask(.get, "/cluster/events").status == 503)
        await readers.removeLast().connection.abort()
        try await eventually("there is a place") {
            try await Reader(admin).status == 200
        }
    }

    @Test func `a reader that does not keep up is told, and cut off`() async throws {
        let admin = try await AdminFixture()
        var slow = try await Reader(admin)
        var quick = try await Reader(admin)
        // More than the kernel and the limit take together.
        let size = ClusterEvent.bytesMax - 500
        let count = 4 * EventStream.waitingBytesMax / size
        for _ in 0..<(count / 100) {
            await announce(100, at: admin, size: size)
            #expect(try await texts(&quick, 100).count == 100)
            // What was said to it last does not wait for it for ever.
            if await readerCount(at: admin) == 1 { break }
        }
        var last: ClusterEvent?
        while let event = try await slow.next() { last = event }
        #expect(last?.kind == "cut-off")
        #expect(last?.id == nil)
        #expect(!quick.hasEnded)
    }
}

extension EventStreamTests.Reader {
    fileprivate init(_ admin: AdminFixture, headers id: String) async throws {
        try await self.init(admin, "/cluster/events", ["Last-Event-ID": id])
    }
}
