import Primitives
import Rookery
import Testing
import Wire

@testable import RookeryTesting

/// What a client may send in a second.
@Suite(.timeLimit(.minutes(15)), .seeded) struct PaceTests {
    private func cluster(_ settings: String...) async throws -> TestCluster {
        try await TestCluster(nodes: 2, seed: 61, objects: [Witness.self], settings: settings)
    }

    /// When the messages came that the client has received.
    private func ages(_ client: TestWebSocket) -> [Duration] {
        client.transcript.filter { !$0.isSent }.map(\.age)
    }

    @Test func `as many messages as the limit are taken at once, and one more a moment later`()
        async throws
    {
        let cluster = try await cluster("limit.messages_per_second=5")
        let name = try await cluster.witness("quick", on: 0)
        for edge in 0..<2 {
            let client = try await cluster.open(name, via: edge)
            for number in 1...7 { await client.send("\(number)") }
            for number in 1...7 { #expect(try await client.receive() == "\(number)") }
            let ages = ages(client)
            #expect(ages[4] - ages[0] < .milliseconds(50))
            #expect((.milliseconds(190)...Duration.milliseconds(250)).contains(ages[5] - ages[4]))
            #expect((.milliseconds(190)...Duration.milliseconds(250)).contains(ages[6] - ages[5]))
            let counters = try await cluster.figures(of: edge).counters
            #expect(counters["message_rate"] == 2)
        }
    }

    @Test func `as many bytes as the limit are taken at once, and one more a moment later`()
        async throws
    {
        let cluster = try await cluster("limit.bytes_per_second=1000")
        let name = try await cluster.witness("large", on: 0)
        let client = try await cluster.open(name, via: 1)
        for size in [600, 400, 500] { await client.send([UInt8](repeating: 7, count: size)) }
        for size in [600, 400, 500] {
            #expect(try await client.receiveBytes().count == size)
        }
        let ages = ages(client)
        #expect(ages[1] - ages[0] < .milliseconds(50))
        #expect((.milliseconds(490)...Duration.milliseconds(550)).contains(ages[2] - ages[1]))
        #expect(try await cluster.figures(of: 1).counters["byte_rate"] == 1)
    }

    @Test func `a client that is held back for long is not called silent, and goes on`()
        async throws
    {
        let cluster = try await cluster("limit.bytes_per_second=10")
        let name = try await cluster.witness("patient", on: 0)
        let client = try await cluster.open(name, via: 0)
        await client.send([UInt8](repeating: 7, count: 900))
        await client.send("later")
        #expect(try await client.receiveBytes().count == 900)
        await cluster.advance(by: .seconds(80))
        #expect(client.isOpen && client.unreadCount == 0)
        #expect(try await client.receive() == "later")
        #expect(try await client.ask("on") == "on")
    }

    @Test func `a Close waits for no rate`() async throws {
        let cluster = try await cluster("limit.messages_per_second=1")
        let name = try await cluster.witness("closing", on: 0)
        let client = try await cluster.open(name, via: 0)
        await client.send("close 4000 enough")
        for _ in 1...100 { await client.send("too soon") }
        let close = try await client.closed(within: .seconds(4))
        #expect(close == TestWebSocket.Close(code: 4000, reason: "enough"))
        try await cluster.wait(for: "close 4000 ", of: name)
        #expect(!Witness.diary(of: name).contains { $0.hasPrefix("message too") })
    }

    @Test func `who is held back and vanishes is found`() async throws {
        let cluster = try await cluster("limit.messages_per_second=1")
        let name = try await cluster.witness("gone", on: 0)
        let client = try await cluster.open(name, via: 0)
        for number in 1...4 { await client.send("\(number)") }
        #expect(try await client.receive() == "1")
        await client.vanish()
        try await cluster.wait(for: "close 1006 ", of: name)
    }

    // MARK: - Control frames

    private static let ping: [UInt8] = [0x89, 0x80, 0, 0, 0, 0]
    private static let pong: [UInt8] = [0x8A, 0x80, 0, 0, 0, 0]

    @Test(arguments: [ping, pong])
    func `as many control frames as the limit change nothing, and one more ends the session`(
        frame: [UInt8]
    ) async throws {
        let cluster = try await cluster("limit.control_frames_per_second=20")
        let name = try await cluster.witness("control-\(frame[0])", on: 0)
        for edge in 0..<2 {
            let good = try await cluster.open(name, via: edge)
            await good.send(raw: Array(repeatElement(frame, count: 20).joined()))
            #expect(try await good.ask("here") == "here")
            await cluster.advance(by: .seconds(1))
            await good.send(raw: Array(repeatElement(frame, count: 20).joined()))
            #expect(try await good.ask("still") == "still")

            let bad = try await cluster.open(name, via: edge)
            let behind: [UInt8] = [0x81, 0x81, 0, 0, 0, 0, 0x78]
            await bad.send(raw: Array(repeatElement(frame, count: 21).joined()) + behind)
            let close = try await bad.closed()
            #expect(close == TestWebSocket.Close(code: 1008, reason: "too many control frames"))
            let counters = try await cluster.figures(of: edge).counters
            #expect(counters["too many control frames"] == 1)
            #expect(try await good.ask("to the end") == "to the end")
        }
        let diary = Witness.diary(of: name)
        #expect(diary.count { $0 == "error protocolViolation(code: 1008)" } == 2)
        #expect(!diary.contains("message x"))
    }

    @Test func `pings of an honest client are answered for ever`() async throws {
        let cluster = try await cluster()
        let name = try await cluster.witness("honest", on: 0)
        let client = try await cluster.open(name, via: 1)
        for _ in 1...30 {
            await client.send(raw: Array(repeatElement(Self.ping, count: 50).joined()))
            await cluster.advance(by: .seconds(1))
        }
        #expect(try await client.ask("still") == "still")
    }
}
