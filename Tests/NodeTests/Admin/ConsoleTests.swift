import Foundation
import Placement
import Primitives
import Testing
import Wire

@testable import Node

/// The page of the operator's side, and what of a browser's requests is let through for it.
@Suite(.onTestLoop) struct ConsoleTests {
    private static let origin = "http://127.0.0.1:9001"
    private static let host = "127.0.0.1:9001"

    /// What the script of the page sends to a loopback address, or over HTTPS.
    private func page(_ changes: [String: String?] = [:], origin: String? = nil) -> HTTPHeaders {
        var fields = ["Rookery-Console": "1", "Sec-Fetch-Site": "same-origin", "Origin": origin]
        fields.merge(changes) { $1 }
        var headers = HTTPHeaders()
        for (name, value) in fields { if let value { headers.add(name, value) } }
        return headers
    }

    private func withToken(_ headers: HTTPHeaders) -> HTTPHeaders {
        var headers = headers
        headers.add("Authorization", "Bearer \(AdminFixture.token)")
        return headers
    }

    @Test func `the page is one file, and its policy lets nothing else in`() async throws {
        let admin = try await AdminFixture(token: Secret(token: AdminFixture.token))
        // A browser cannot show a token when it opens a page.
        let answer = try await admin.ask(.get, "/", ["Sec-Fetch-Site": "none"])
        #expect(answer.status == 200)
        #expect(answer.headers.first("Content-Type") == "text/html; charset=utf-8")
        #expect(answer.headers.first("X-Content-Type-Options") == "nosniff")
        let policy = try #require(answer.headers.first("Content-Security-Policy"))
        #expect(policy.hasPrefix("default-src 'none'; "))
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        for (tag, directive) in [("script", "script-src"), ("style", "style-src")] {
            let parts = answer.text.components(separatedBy: "<\(tag)>")
            #expect(parts.count == 2)
            let inline = parts[1].components(separatedBy: "</\(tag)>")[0]
            let hash = Base64.encode(SHA256.hash(Array(inline.utf8)))
            #expect(policy.contains("\(directive) 'sha256-\(hash)'"))
        }
    }

    @Test func `the page asks nobody else, and makes no HTML of what it is told`() throws {
        let html = String(decoding: ConsolePage.html, as: UTF8.self)
        for word in [
            "http:", "https:", "//cdn", "@import", "url(", "src=", "innerHTML", "outerHTML",
            "insertAdjacentHTML", "document.write", "eval(", "style=\"", "localStorage",
            "onclick=\"",
        ] {
            #expect(!html.contains(word), "\(word)")
        }
    }

    @Test func `the page that this node has served may read`() async throws {
        let admin = try await AdminFixture()
        for path in ["/cluster/status", "/cluster/weight"] {
            let answer = try await admin.ask(.get, path, page(), host: Self.host)
            #expect(answer.status == 200, "\(path)")
        }
        let same = page(origin: Self.origin)
        #expect(try await admin.ask(.get, "/cluster/status", same, host: Self.host).status == 200)
    }

    @Test(
        arguments: [
            // It is not marked as that of the page, or wrongly.
            ["Rookery-Console": nil], ["Rookery-Console": "2"], ["Rookery-Console": "1, 1"],
            // The browser says that another page has sent it, or that nobody knows.
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
            ["Sec-Fetch-Site": "same-origin, none"], ["Sec-Fetch-Site": ""],
            // The page came from elsewhere: another host, port or scheme, or none at all.
            ["Origin": "http://evil.example"], ["Origin": "http://127.0.0.1:8001"],
            ["Origin": "http://localhost:9001"], ["Origin": "null"], ["Origin": ""],
            ["Origin": "http://127.0.0.1"], ["Origin": "ftp://127.0.0.1:9001"],
            ["Sec-Fetch-Site": nil, "Origin": "http://127.0.0.1:9002"],
        ] as [[String: String?]]
    )
    func `nothing else that a page sends is let through`(changes: [String: String?]) async throws {
        for token in [nil, Secret(token: AdminFixture.token)] {
            let admin = try await AdminFixture(token: token)
            let headers = withToken(page(changes, origin: Self.origin))
            for (method, path) in [(HTTPMethod.get, "/cluster/status"), (.post, "/cluster/leave")] {
                let answer = try await admin.ask(method, path, headers, host: Self.host)
                #expect([403, 404].contains(answer.status), "\(method) \(path) \(changes)")
            }
            #expect(await admin.asked() == [])
        }
    }

    @Test func `a field that comes twice is not that of the page`() async throws {
        let admin = try await AdminFixture(token: Secret(token: AdminFixture.token))
        for (name, value) in [
            ("Origin", Self.origin), ("Rookery-Console", "1"), ("Sec-Fetch-Site", "same-origin"),
        ] {
            var headers = withToken(page(origin: Self.origin))
            headers.add(name, value)
            let answer = try await admin.ask(.post, "/cluster/leave", headers, host: Self.host)
            #expect(answer.status == 403, "\(name)")
        }
        #expect(await admin.asked() == [])
    }

    @Test func `having something done takes the origin and the token`() async throws {
        let admin = try await AdminFixture(token: Secret(token: AdminFixture.token))
        func leave(_ headers: HTTPHeaders) async throws -> Int {
            try await admin.ask(.post, "/cluster/leave", headers, host: Self.host).status
        }
        #expect(try await leave(page(origin: Self.origin)) == 401)
        // Browsers say the origin with each write.
        #expect(try await leave(withToken(page())) == 403)
        #expect(await admin.asked() == [])
        #expect(try await leave(withToken(page(origin: Self.origin))) == 200)
        #expect(await admin.asked() == ["leave"])
    }

    @Test func `where no token is set the page may only read`() async throws {
        let admin = try await AdminFixture()
        let headers = page(origin: Self.origin)
        let answer = try await admin.ask(.post, "/cluster/leave", headers, host: Self.host)
        #expect(answer.status == 403)
        #expect(answer.text.contains("set admin.token"))
        #expect(await admin.asked() == [])
    }

    @Test func `where browsers say nothing of the site, the token has to`() async throws {
        let headers = page(["Sec-Fetch-Site": nil], origin: Self.origin)
        let open = try await AdminFixture()
        #expect(try await open.ask(.get, "/cluster/status", headers, host: Self.host).status == 403)
        let admin = try await AdminFixture(token: Secret(token: AdminFixture.token))
        func ask(_ headers: HTTPHeaders) async throws -> Int {
            try await admin.ask(.post, "/cluster/leave", headers, host: Self.host).status
        }
        #expect(try await ask(headers) == 401)
        #expect(try await ask(withToken(headers)) == 200)
    }

    @Test func `a name that was made to lead here gets nothing, whatever it sends`() async throws {
        let admin = try await AdminFixture()
        let rebound = "evil.example:9001"
        let headers = page(origin: "http://\(rebound)")
        for path in ["/", "/cluster/status"] {
            #expect(try await admin.ask(.get, path, headers, host: rebound).status == 421)
        }
        // With a token it is told that one is needed: nothing else is public but the page itself.
        let closed = try await AdminFixture(token: Secret(token: AdminFixture.token))
        let answer = try await closed.ask(.get, "/cluster/status", headers, host: rebound)
        #expect(answer.status == 401)
    }

    @Test func `the page can be loaded again, and by no other page`() async throws {
        let admin = try await AdminFixture()
        func load(_ site: String, _ mode: String, _ path: String = "/") async throws -> Int {
            let headers: HTTPHeaders = ["Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode]
            return try await admin.ask(.get, path, headers, host: Self.host).status
        }
        #expect(try await load("same-origin", "navigate") == 200)
        #expect(try await load("cross-site", "navigate") == 403)
        #expect(try await load("same-site", "navigate") == 403)
        #expect(try await load("same-origin", "no-cors") == 403)
        #expect(try await load("same-origin", "navigate", "/cluster/status") == 403)
        #expect(try await admin.ask(.post, "/", page()).status == 403)
    }

    @Test(arguments: [(1, 2), (3, 2), (4, 4), (15, 4), (16, 8), (255, 8), (256, 16)])
    func `owners take as few bits as there are members`(members: Int, bits: Int) throws {
        let names = try (0..<members).map { try #require(NodeID("node-\($0)")) }
        let table = PlacementTable(members: names.map { PlacementMember(id: $0, weight: 100) })
        let view = PlacementView(epoch: Epoch(7), key: .zero, table: table)
        let report = PartitionReport(view, stable: Epoch(7), settled: nil)
        #expect(report.bits == bits)
        #expect(report.members.count == members)
        let bytes = try #require(Base64.decode(report.owners))
        #expect(bytes.count == PartitionID.count * bits / 8)
        for partition in stride(from: 0, to: PartitionID.count, by: 997) {
            let index =
                bits == 16
                ? Int(bytes[2 * partition]) | Int(bytes[2 * partition + 1]) << 8
                : Int(bytes[partition * bits / 8]) >> (partition * bits % 8) & (1 << bits - 1)
            let owner = try #require(table.owner(of: PartitionID(UInt16(partition))))
            #expect(report.members[index] == owner.name)
        }
    }
}
