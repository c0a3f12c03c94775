import Primitives
import Testing
import Wire

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private let later = "GET /later HTTP/1.1\r\nHost: a\r\n\r\n"

    private func timing(request: Duration, keepAlive: Duration = .seconds(75)) -> HTTPTiming {
        var timing = HTTPTiming()
        timing.requestTime = request
        timing.keepAliveTime = keepAlive
        return timing
    }

    /// Far from the deadline of a test, and far from instantly.
    private let short = Duration.milliseconds(150)

    @Test func `a first request that does not come whole is answered with 408`() async throws {
        let fixture = try await HTTPFixture(timing: timing(request: short))
        let peer = try await fixture.connect()
        try peer.send("GET / HT")
        fixture.dropOverdueRepeatedly()
        let response = try await blocking { try peer.receiveText() }
        #expect(response.undated == refusal("408 Request Timeout"))
        #expect(fixture.seen.value.dropped == ["request_timeout"])
        try await fixture.emptied()
    }

    @Test func `a client that says nothing is left without a word`() async throws {
        let fixture = try await HTTPFixture(timing: timing(request: short))
        let peer = try await fixture.connect()
        fixture.dropOverdueRepeatedly()
        #expect(try await blocking { try peer.receiveAll() }.isEmpty)
        #expect(fixture.seen.value.dropped == ["request_timeout"])
    }

    @Test func `a first byte does not give a first request more time`() async throws {
        let fixture = try await HTTPFixture(timing: timing(request: .seconds(10)))
        let peer = try await fixture.connect()
        try await settled { try await fixture.onServer(\.connectionCount) == 1 }
        let deadlines = try await fixture.onServer(\.deadlines)
        for part in ["G", "ET"] {
            try peer.send(part)
            try await fixture.loop.turn()
            #expect(try await fixture.onServer(\.deadlines) == deadlines)
        }
    }

    @Test func `a later request has its time from its first byte`() async throws {
        let fixture = try await HTTPFixture(timing: timing(request: .seconds(10)))
        let peer = try await fixture.connect()
        try peer.send(get)
        try await fixture.seen.until("the first request") { $0.requests.count == 1 }
        let idle = try await fixture.onServer(\.deadlines)
        let now = BootClock.now
        #expect(idle.allSatisfy { $0 > now.advanced(by: .seconds(60)) })
        try peer.send("GET")
        try await settled { try await fixture.onServer(\.deadlines) != idle }
        let deadlines = try await fixture.onServer(\.deadlines)
        #expect(deadlines.count == 1)
        #expect(deadlines.allSatisfy { $0 < now.advanced(by: .seconds(60)) })
    }

    @Test func `a client that asks no more is left after a while`() async throws {
        let timing = timing(request: .seconds(10), keepAlive: .zero)
        let fixture = try await HTTPFixture(timing: timing)
        let peer = try await fixture.connect()
        try peer.send(get)
        try await fixture.seen.until("the request") { $0.requests.count == 1 }
        fixture.dropOverdueRepeatedly()
        let response = try await blocking { try peer.receiveText() }
        #expect(response.undated == answer("GET / "))
        #expect(fixture.seen.value.dropped == ["keep_alive_ended"])
    }

    @Test func `a request in work may take as long as it needs`() async throws {
        let fixture = try await HTTPFixture(timing: timing(request: short, keepAlive: short))
        let peer = try await fixture.connect()
        try peer.send(later)
        let connection = try await fixture.nextWaiting()
        fixture.dropOverdueRepeatedly()
        _ = try await fixture.loop.processorTime(during: short * 2)
        #expect(fixture.seen.value.dropped.isEmpty)
        try await fixture.loop.run {
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: [])
        }
        let response = try await blocking { try peer.receiveText() }
        #expect(response.undated == answer(""))
    }

    /// What comes of a body of eight bytes, one each 500 ms, where a piece may take three seconds.
    private func answerToSlowBody(rate: Int) async throws -> String {
        var timing = timing(request: .seconds(3))
        timing.bodyRateMin = rate
        let fixture = try await HTTPFixture(timing: timing)
        let peer = try await fixture.connect()
        fixture.dropOverdueRepeatedly()
        try peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n")
        for byte in "12345678".utf8 {
            try? peer.send([byte])
            _ = try await fixture.loop.processorTime(during: .milliseconds(500))
        }
        peer.endSending()
        return try await blocking { try peer.receiveText() }.undated
    }

    @Test func `a slow body is taken as long as it moves`() async throws {
        #expect(try await answerToSlowBody(rate: 1) == answer("POST / 12345678"))
    }

    @Test func `a body that is slower than it may be is not waited for`() async throws {
        #expect(try await answerToSlowBody(rate: 1_024) == refusal("408 Request Timeout"))
    }

    @Test func `one client above the limit is turned away`() async throws {
        let fixture = try await HTTPFixture(connectionsMax: 2)
        let peers = [try await fixture.connect(), try await fixture.connect()]
        for peer in peers { try peer.send(get) }
        try await fixture.seen.until("both requests") { $0.requests.count == 2 }
        let third = try await fixture.connect()
        #expect(try await blocking { try third.receiveAll() }.isEmpty)
        #expect(fixture.seen.value.dropped == ["connection_limit"])
        peers[0].close()
        try await settled { try await fixture.onServer(\.connectionCount) == 1 }
        let fourth = try await fixture.connect()
        try fourth.send(get)
        try await fixture.seen.until("the fourth") { $0.requests.count == 3 }
    }

    @Test func `a server that closes ends idle clients now and others after their answer`()
        async throws
    {
        let fixture = try await HTTPFixture()
        let (idle, busy) = (try await fixture.connect(), try await fixture.connect())
        try idle.send(get)
        try busy.send(later)
        let connection = try await fixture.nextWaiting()
        try await fixture.seen.until("both requests") { $0.requests.count == 2 }
        try await fixture.onServer { $0.close() }
        let first = try await blocking { try idle.receiveText() }
        #expect(first.undated == answer("GET / "))
        let late = try await fixture.connect()
        #expect(try await blocking { try late.receiveAll() }.isEmpty)
        #expect(try await fixture.onServer(\.connectionCount) == 1)
        try await fixture.loop.run {
            connection.onLoop.respond(HTTPResponseHead(status: .ok), body: [])
        }
        let last = try await blocking { try busy.receiveText() }
        #expect(last.undated == answer("", connection: "close"))
        try await fixture.emptied()
    }

    @Test func `without a delegate a request ends its connection`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.onServer { $0.delegate = nil }
        let peer = try await fixture.connect()
        try peer.send(get)
        #expect(try await blocking { try peer.receiveAll() }.isEmpty)
        try await fixture.emptied()
    }
}
