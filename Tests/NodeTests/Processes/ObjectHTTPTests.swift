import BuiltIn
import Foundation
import Node
import Testing
import Wire

extension PlannedProcessTests {
    @Suite struct ObjectHTTPTests {
        @Test func `one counter counts what comes over every node`() async throws {
            try await LocalNodes.run(3) { nodes in
                var readings: [Counter.Reading] = []
                for node in nodes.all {
                    let answer = try await node.fetch("/objects/Counter/visits", .post, body: [])
                    #expect(answer.status == 200)
                    #expect(answer.headers.first("Content-Type") == "application/json")
                    readings.append(try answer.reading)
                }
                #expect(readings.map(\.count) == [1, 2, 3])
                #expect(Set(readings.map(\.instance)).count == 1)
                #expect(Set(readings.map(\.node)).count == 1)
                #expect(readings.allSatisfy { $0.class == "Counter" && $0.name == "visits" })
                for node in nodes.all {
                    let got = try await node.fetch("/objects/Counter/visits")
                    #expect(try got.reading == readings[2])
                    let head = try await node.fetch("/objects/Counter/visits", .head)
                    #expect(head.status == 200)
                    #expect(head.body.isEmpty)
                    #expect(head.headers.first("Content-Length") == "\(got.body.count)")
                    let put = try await node.fetch("/objects/Counter/visits", .put, body: [1])
                    #expect(put.status == 405)
                    #expect(put.headers.first("Allow") == "GET, HEAD, POST")
                }
            }
        }

        @Test func `a body comes back from Echo over every node`() async throws {
            try await LocalNodes.run(3) { nodes in
                let large = sampleBytes(size: 2 << 20)
                for node in nodes.all {
                    for (body, chunk) in [([], nil), (large, nil), (large, 60_000), ([7], 1)] {
                        let answer = try await node.fetch(
                            "/objects/Echo/body",
                            .post,
                            headers: ["Content-Type": "image/x-test"],
                            body: body,
                            chunk: chunk
                        )
                        #expect(answer.status == 200)
                        #expect(answer.headers.first("Content-Type") == "image/x-test")
                        let isIntact = answer.body == body
                        #expect(isIntact, "\(body.count) bytes, chunks of \(chunk ?? 0)")
                    }
                }
            }
        }

        @Test func `a body at its limit passes and one past it is refused`() async throws {
            try await LocalNodes.run(2, settings: ["limit.body_bytes=64KiB"]) { nodes in
                for node in nodes.all {
                    for chunk in [nil, 10_000] {
                        let path = "/objects/Echo/limit"
                        let body = sampleBytes(size: 64 << 10)
                        let good = try await node.fetch(path, .put, body: body, chunk: chunk)
                        #expect(good.body == body)
                        let more = body + [0]
                        let bad = try await node.fetch(path, .put, body: more, chunk: chunk)
                        #expect(bad.status == 413)
                    }
                }
            }
        }

        @Test func `an unknown class is answered with the known ones`() async throws {
            try await LocalNodes.run(2) { nodes in
                for node in nodes.all {
                    let answer = try await node.fetch("/objects/Nonsense/x")
                    #expect(answer.status == 404)
                    for name in ["Counter", "Echo", "WebSocketServer"] {
                        #expect(answer.text.contains(name))
                    }
                }
            }
        }

        @Test func `names are decoded once and are 1 to 1024 bytes long`() async throws {
            try await LocalNodes.run(2) { nodes in
                let longest = String(repeating: "n", count: 1_024)
                let longestEncoded = String(repeating: "%C3%A9", count: 512)
                for node in nodes.all {
                    for (segment, name) in [
                        ("x", "x"), ("a%2Fb%20c", "a/b c"), ("%252F", "%2F"), ("a+b", "a+b"),
                        (longest, longest), (longestEncoded, String(repeating: "é", count: 512)),
                    ] {
                        let answer = try await node.fetch("/objects/Counter/\(segment)")
                        #expect(try answer.reading.name == name)
                    }
                    for segment in ["", longest + "n", longestEncoded + "n", "%", "%zz", "%FF"] {
                        let answer = try await node.fetch("/objects/Counter/\(segment)")
                        #expect(answer.status == 400, "\(segment)")
                    }
                }
            }
        }

        @Test func `every path below a name reaches the object of that name`() async throws {
            try await LocalNodes.run(2) { nodes in
                var count = 0
                for node in nodes.all {
                    for rest in ["", "/", "/some/where?x=y", "?q", "/websocket"] {
                        count += 1
                        let target = "/objects/Counter/paths\(rest)"
                        let answer = try await node.fetch(target, .post, body: [])
                        #expect(try answer.reading.count == count)
                    }
                }
            }
        }
    }
}

extension HTTPAnswer {
    /// What a Counter has answered.
    var reading: Counter.Reading {
        get throws { try JSONDecoder().decode(Counter.Reading.self, from: Data(body)) }
    }
}
