import Primitives
import Testing
import Transport
import Wire

@testable import Node

/// What a session says to its client by itself, and what it keeps for a slow one.
@Suite(.onTestLoop) struct EdgeOutputTests {
    private func run(_ test: (EdgeFixture, WebSocketClient) async throws -> Void) async throws {
        let fixture = try EdgeFixture()
        let client = try await fixture.open()
        do {
            try await test(fixture, client)
        } catch {
            Issue.record(error)
        }
        fixture.stop()
    }

    private func ask(_ client: WebSocketClient, _ text: String) async throws -> String {
        await client.send(text)
        return try await client.receiveText()
    }

    @Test func `a session without an owner answers all the same`() async throws {
        try await run { (fixture, client) async throws in
            #expect(try await ask(client, "auto ping=pong") == "set")
            fixture.loseOwner()
            try await eventually("the session is parked") {
                fixture.shard.parkedSessionCount == 1
            }
            for _ in 1...10 { #expect(try await ask(client, "ping") == "pong") }
            #expect(fixture.shard.parkedSessionCount == 1)
        }
    }

    @Test func `a pair takes the place of all before at once`() async throws {
        try await run { (_, client) async throws in
            #expect(try await ask(client, "auto a=1 b=2") == "set")
            #expect(try await ask(client, "a") == "1")
            #expect(try await ask(client, "auto b=3") == "set")
            #expect(try await ask(client, "b") == "3")
            #expect(try await ask(client, "a") == "?")
            #expect(try await ask(client, "heard") == "4")
        }
    }

    @Test func `a client that asks and never reads is closed with 1013`() async throws {
        try await run { fixture, client in
            let long = String(repeating: "p", count: 2_000)
            #expect(try await ask(client, "auto ping=\(long)") == "set")
            try await eventually("the client is too slow") {
                for _ in 1...500 { await client.send("ping") }
                return fixture.shard.tally["slow_consumer"] == 1
            }
            let (messages, close) = try await client.drained()
            #expect(close.code == 1013)
            #expect(messages.allSatisfy { $0.text == long })
        }
    }

    @Test func `a message is taken while less than 1 MiB waits, and the next is not`()
        async throws
    {
        try await run { fixture, client in
            // The connection and the kernel take nothing while the handler runs.
            let frame = 4 + 3 + 32_768
            let fitting = (1 << 20) / frame + 1
            await client.send("flood \(fitting) 32768")
            for number in 1...fitting {
                #expect(try await client.receiveText().hasPrefix("\(number) "))
            }
            #expect(fixture.shard.tally["slow_consumer"] == 0)
            await client.send("flood \(fitting + 1) 32768")
            let (messages, close) = try await client.drained()
            #expect(close.code == 1013)
            #expect(messages.count == fitting)
        }
    }

    @Test func `dropping the oldest keeps what fits into 1 MiB, and never half a message`()
        async throws
    {
        try await run { fixture, client in
            #expect(try await ask(client, "policy 1") == "set")
            await client.send("flood 100 32768")
            var numbers: [Int] = []
            while numbers.last != 100 {
                let words = try await client.receiveText().split(separator: " ")
                #expect(words[1].utf8.count == 32_768)
                numbers.append(Int(words[0]) ?? 0)
            }
            // Two are with the connection before anything is kept apart.
            #expect(numbers.prefix(2) == [1, 2])
            let last = Array(numbers.dropFirst(2))
            #expect(last == Array((101 - last.count)...100))
            #expect((29...33).contains(numbers.count))
            let dropped = 100 - numbers.count
            #expect(fixture.shard.tally["messages_dropped"] == UInt64(dropped))
            try await eventually("the object knows") {
                try await ask(client, "dropped") == "\(dropped)"
            }
        }
    }

    @Test func `of one key the latest is sent, and what has no key is not taken back`()
        async throws
    {
        try await run { _, client in
            #expect(try await ask(client, "policy 2") == "set")
            await client.send("states 50")
            // The first fills what the connection takes.
            for number in [1, 49, 50] {
                #expect(try await client.receiveText().hasPrefix("\(number) "))
            }
            #expect(try await client.receiveText() == "end")
            await client.send("flood 40 32768")
            let (_, close) = try await client.drained()
            #expect(close.code == 1013)
        }
    }

    /// How many messages of 32 KiB are taken: two go to the connection, the others wait apart.
    private static var fitting: Int {
        var (count, queued, apart) = (0, 0, 0)
        while queued + apart < 1 << 20 {
            count += 1
            let frame = 4 + "\(count) ".utf8.count + 32_768
            if queued < ClientSession.handedOverBytesMax {
                queued += frame
            } else {
                apart += frame + SendQueue.overhead
            }
        }
        return count
    }

    @Test(arguments: [(SendPolicy.coalesce, true), (.dropOldest, false)])
    func `what is kept apart fills 1 MiB, and one message more is one too many`(
        policy: SendPolicy,
        closes: Bool
    ) async throws {
        try await run { fixture, client in
            let fitting = Self.fitting
            #expect(try await ask(client, "policy \(policy.code)") == "set")
            await client.send("flood \(fitting) 32768")
            for number in 1...fitting {
                #expect(try await client.receiveText().hasPrefix("\(number) "))
            }
            #expect(fixture.shard.tally["slow_consumer"] == 0)
            #expect(fixture.shard.tally["messages_dropped"] == 0)
            await client.send("flood \(fitting + 1) 32768")
            guard closes else {
                for number in [1, 2] + Array(4...(fitting + 1)) {
                    #expect(try await client.receiveText().hasPrefix("\(number) "))
                }
                #expect(fixture.shard.tally["messages_dropped"] == 1)
                return
            }
            let (messages, close) = try await client.drained()
            #expect(close.code == 1013)
            // The Close comes behind all that was taken, the last one too.
            #expect(messages.count == fitting + 1)
            #expect(fixture.shard.tally["slow_consumer"] == 1)
        }
    }

    @Test func `a Close comes behind what was kept apart`() async throws {
        try await run { _, client in
            #expect(try await ask(client, "policy 1") == "set")
            await client.send("flood 20 32768")
            await client.send("close 4000 bye")
            let (messages, close) = try await client.drained()
            #expect(messages.count == 20)
            #expect(close == WebSocketClient.Close(code: 4000, reason: "bye"))
        }
    }

    @Test func `what waits on the object's own loop is known to the byte`() async throws {
        try await run { _, client in
            // Each message waits alone: the object waits for the client after each.
            await client.send("pace 20")
            for number in 1...20 {
                #expect(try await client.receiveText().hasPrefix("\(number) "))
            }
            let most = Int(try await client.receiveText()) ?? 0
            #expect(most >= 4 + 3 + 32_768)
            #expect(most <= WebSocket.lowWaterBytes + 4 + 3 + 32_768)
        }
    }
}
