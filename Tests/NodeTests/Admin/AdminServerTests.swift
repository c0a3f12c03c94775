import Foundation
import Placement
import Primitives
import Testing
import Wire

@testable import Node

@Suite(.onTestLoop) struct AdminServerTests {
    @Test func `an object is located by its percent-encoded name`() async throws {
        let admin = try await AdminFixture()
        let answer = try await admin.ask(.get, "/cluster/locate/Counter/a%2Fb%20%C3%B6")
        #expect(answer.status == 200)
        #expect(answer.headers.first("Content-Type") == "application/json")
        #expect(
            answer.text
                == #"{"class":"Counter","epoch":7,"name":"a/b ö","owner":"node-2","#
                + #""partition":12345,"state":"live"}"#
        )
        #expect(await admin.asked() == ["locate Counter/a/b ö"])
    }

    @Test(arguments: [
        ("/cluster/locate/Counter/%ff", 400), ("/cluster/locate/Counter/", 400),
        ("/cluster/locate/Nothing/a", 404), ("/cluster/locate/Counter", 404),
        ("/cluster/locate/Counter/a/b", 404), ("/cluster", 404), ("/cluster/", 404),
        ("//", 404), ("*", 404), ("/live/", 404),
    ])
    func `what is nowhere is a problem`(target: String, status: Int) async throws {
        let admin = try await AdminFixture()
        let answer = try await admin.ask(target == "*" ? .options : .get, target)
        #expect(answer.status == status)
        #expect(answer.headers.first("Content-Type") == "application/problem+json")
        struct Problem: Decodable {
            let status: Int
            let title: String
            let detail: String
        }
        let problem = try JSONDecoder().decode(Problem.self, from: Data(answer.body))
        #expect(problem.status == status)
        #expect(await admin.asked() == [])
    }

    @Test func `the figures of the node are metrics`() async throws {
        let admin = try await AdminFixture()
        let answer = try await admin.ask(.get, "/metrics")
        #expect(answer.status == 200)
        let type = "text/plain; version=0.0.4; charset=utf-8"
        #expect(answer.headers.first("Content-Type") == type)
        #expect(answer.text.hasPrefix("# HELP rookery_info "))
        let sample = #"rookery_refusals_total{reason="gossip.bad_signature"} 2"#
        #expect(answer.text.contains("\n\(sample)\n"))
    }

    @Test func `a class that is not there is told with those that are`() async throws {
        let admin = try await AdminFixture()
        let answer = try await admin.ask(.get, "/cluster/locate/Conter/a")
        #expect(answer.text.contains("no class Conter; known classes: Counter, Echo,"))
    }

    @Test func `an object of a class that only others run can be located`() async throws {
        let admin = try await AdminFixture()
        #expect(try await admin.ask(.get, "/cluster/locate/Elsewhere/a").status == 200)
    }

    @Test(arguments: [
        ("POST", "/live", "GET, HEAD"), ("POST", "/cluster/status", "GET, HEAD"),
        ("DELETE", "/cluster/locate/Counter/a", "GET, HEAD"),
        ("PUT", "/cluster/leave", "GET, HEAD, POST"), ("GET", "/cluster/recover", "POST"),
        ("DELETE", "/cluster/weight", "GET, HEAD, POST"), ("POST", "/startup", "GET, HEAD"),
        ("PUT", "/cluster/drain", "GET, HEAD, POST, DELETE"),
        ("PUT", "/cluster/cordon", "GET, HEAD, POST, DELETE"),
    ])
    func `other methods are told which there are`(
        method: String,
        target: String,
        allowed: String
    ) async throws {
        let admin = try await AdminFixture()
        let answer = try await admin.ask(try #require(HTTPMethod(method)), target)
        #expect(answer.status == 405)
        #expect(answer.headers.first("Allow") == allowed)
        #expect(await admin.asked() == [])
    }

    @Test(arguments: [
        ("GET", "/live"), ("GET", "/cluster/status"), ("GET", "/metrics"), ("GET", "/"),
        ("GET", "/cluster/events"), ("GET", "/cluster/partitions"), ("POST", "/cluster/leave"),
        ("POST", "/cluster/recover"), ("POST", "/cluster/weight"), ("GET", "/nowhere"),
        ("POST", "/cluster/drain"), ("DELETE", "/cluster/cordon"),
    ])
    func `what a page in a browser sends is refused`(
        method: String,
        target: String
    ) async throws {
        let admin = try await AdminFixture()
        for origin in ["http://127.0.0.1:9001", "null", ""] {
            let headers: HTTPHeaders = ["Origin": origin]
            let answer = try await admin.ask(try #require(HTTPMethod(method)), target, headers)
            #expect(answer.status == 403)
        }
        #expect(await admin.asked() == [])
    }

    @Test func `what a browser says of a page is enough to be refused`() async throws {
        let admin = try await AdminFixture()
        for site in ["cross-site", "same-site", "same-origin"] {
            let headers: HTTPHeaders = ["Sec-Fetch-Site": site]
            #expect(try await admin.ask(.get, "/cluster/status", headers).status == 403)
            #expect(try await admin.ask(.post, "/cluster/leave", headers).status == 403)
        }
        let typed: HTTPHeaders = ["Sec-Fetch-Site": "none"]
        #expect(try await admin.ask(.get, "/cluster/status", typed).status == 200)
        #expect(await admin.asked() == [])
    }

    @Test func `without a token, a host that DNS could have led here is refused`() async throws {
        let admin = try await AdminFixture()
        for host in ["evil.example", "evil.example:9001", "localhost.evil.example", "127.0.0.1.x"] {
            #expect(try await admin.ask(.get, "/cluster/status", host: host).status == 421)
            #expect(try await admin.ask(.post, "/cluster/leave", host: host).status == 421)
        }
        #expect(await admin.asked() == [])
        for host in [
            "localhost:9001", "LOCALHOST", "127.0.0.1", "10.0.0.1:9001", "[::1]", "[::1]:9",
        ] {
            #expect(
                try await admin.ask(.get, "/cluster/status", host: host).status == 200,
                "\(host)"
            )
        }
    }

    @Test func `with a token the host may have any name`() async throws {
        let admin = try await AdminFixture(token: Secret(token: AdminFixture.token))
        let headers: HTTPHeaders = ["Authorization": "Bearer \(AdminFixture.token)"]
        let answer = try await admin.ask(.post, "/cluster/leave", headers, host: "node-1.example")
        #expect(answer.status == 200)
    }

    @Test(arguments: [
        ("GET", "/cluster/status"), ("GET", "/metrics"), ("GET", "/cluster/locate/Counter/a"),
        ("GET", "/cluster/leave"), ("POST", "/cluster/leave"), ("POST", "/cluster/recover"),
        ("POST", "/cluster/weight"), ("GET", "/nowhere"), ("GET", "/cluster/drain"),
        ("POST", "/cluster/cordon"),
    ])
    func `with a token, whoever does not have it learns nothing`(
        method: String,
        target: String
    ) async throws {
        let admin = try await AdminFixture(token: Secret(token: AdminFixture.token))
        let wrong = ["Bearer", "Bearer wrong", "Basic \(AdminFixture.token)", AdminFixture.token]
        for value in wrong {
            let headers: HTTPHeaders = ["Authorization": value]
            let answer = try await admin.ask(try #require(HTTPMethod(method)), target, headers)
            #expect(answer.status == 401)
            #expect(answer.headers.first("WWW-Authenticate") == "Bearer")
        }
        #expect(await admin.asked() == [])
        // Without the token it is told what fails, and not why.
        let health = try await admin.ask(.get, "/live")
        #expect(health.status == 503)
        #expect(health.text == #"{"checks":[{"name":"loops","passes":false}],"live":false}"#)
        let headers: HTTPHeaders = ["Authorization": "Bearer \(AdminFixture.token)"]
        let more = try await admin.ask(.get, "/live", headers)
        #expect(more.text.contains("loop 1 is slow"))
    }

    @Test func `with the token all is as without one`() async throws {
        let admin = try await AdminFixture(token: Secret(token: AdminFixture.token))
        let headers: HTTPHeaders = ["Authorization": "Bearer \(AdminFixture.token)"]
        #expect(try await admin.ask(.post, "/cluster/leave", headers).status == 200)
        #expect(await admin.asked() == ["leave"])
    }

    @Test func `looking at the leaving of a node does not begin it`() async throws {
        let admin = try await AdminFixture()
        let before = try await admin.ask(.get, "/cluster/leave")
        #expect(
            before.text == #"{"clients":5,"node":"node-1","partitions":3,"state":"member"}"#
        )
        let begun = try await admin.ask(.post, "/cluster/leave")
        #expect(
            begun.text == #"{"clients":5,"node":"node-1","partitions":2,"state":"leaving"}"#
        )
        #expect(await admin.asked() == ["leave"])
    }

    @Test func `a weight is asked for, and looking at it changes nothing`() async throws {
        let admin = try await AdminFixture()
        let before = try await admin.ask(.get, "/cluster/weight")
        #expect(before.text == #"{"epoch":7,"inView":100,"node":"node-1","weight":100}"#)
        let asked = try await admin.ask(.post, "/cluster/weight", body: #"{"weight":250}"#)
        #expect(asked.text == #"{"epoch":7,"inView":100,"node":"node-1","weight":250}"#)
        #expect(await admin.asked() == ["weight 250"])
    }

    @Test(arguments: ["", "{}", #"{"weight":0}"#, #"{"weight":10001}"#, #"{"weight":"9"}"#])
    func `a weight that no node can have is refused`(body: String) async throws {
        let admin = try await AdminFixture()
        let answer = try await admin.ask(.post, "/cluster/weight", body: body)
        #expect(answer.status == 400)
        #expect(answer.text.contains("from 1 to 10000"))
        #expect(await admin.asked() == [])
    }

    @Test func `what the node refuses is told with its reason`() async throws {
        let admin = try await AdminFixture()
        let force = #"{"members":["node-1"],"force":true}"#
        admin.refuse(.notNow("it is no member yet"))
        let later = try await admin.ask(.post, "/cluster/leave")
        #expect(later.status == 503)
        #expect(later.text.contains("it is no member yet"))
        #expect(try await admin.ask(.post, "/cluster/recover", body: force).status == 503)
        admin.refuse(.impossible("nobody is left"))
        #expect(try await admin.ask(.post, "/cluster/leave").status == 409)
        #expect(try await admin.ask(.post, "/cluster/recover", body: force).status == 409)
        let weight = #"{"weight":5}"#
        #expect(try await admin.ask(.post, "/cluster/weight", body: weight).status == 409)
    }

    @Test func `a node that is not ready for operations says so`() async throws {
        let admin = try await AdminFixture(hasOperations: false)
        #expect(try await admin.ask(.post, "/cluster/leave").status == 503)
        #expect(try await admin.ask(.get, "/cluster/locate/Counter/a").status == 503)
    }
}

@Suite(.onTestLoop) struct AdminRecoveryTests {
    private func names(_ count: Int) -> String {
        (0..<count).map { "\"n\($0)\"" }.joined(separator: ",")
    }

    @Test func `a forced recovery names the survivors`() async throws {
        let admin = try await AdminFixture()
        let body = #"{"members":["a","b"],"force":true}"#
        let answer = try await admin.ask(.post, "/cluster/recover", body: body)
        #expect(answer.status == 200)
        #expect(answer.text == #"{"epoch":4294967296,"members":["a","b"]}"#)
        #expect(await admin.asked() == ["recover [a, b]"])
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"members":["a"]}"#, #"{"members":["a"],"force":false}"#,
        #"{"members":["a"],"force":1}"#, #"{"members":[],"force":true}"#,
        #"{"members":["a","a"],"force":true}"#, #"{"members":["a b"],"force":true}"#,
        #"{"members":"a","force":true}"#,
    ])
    func `anything else recovers nothing`(body: String) async throws {
        let admin = try await AdminFixture()
        #expect(try await admin.ask(.post, "/cluster/recover", body: body).status == 400)
        #expect(await admin.asked() == [])
    }

    @Test func `as many survivors as a view can have, and no more`() async throws {
        let admin = try await AdminFixture()
        for (count, status) in [(OwnershipLimits.membersMax, 200), (1_025, 400)] {
            let body = #"{"members":[\#(names(count))],"force":true}"#
            #expect(try await admin.ask(.post, "/cluster/recover", body: body).status == status)
        }
    }

    @Test func `the client of the commands asks and posts`() async throws {
        let admin = try await AdminFixture()
        let key = try #require(ObjectKey(className: "Counter", name: "a b/ö?"))
        let located = try await admin.client.get(ObjectLocation.path(of: key))
        let location = try JSONDecoder().decode(ObjectLocation.self, from: Data(located))
        #expect(location.name == "a b/ö?")
        var progress = try LeaveProgress(json: try await admin.client.post(LeaveProgress.path))
        #expect(progress.state == .leaving)
        for _ in 0..<2 {
            progress = try LeaveProgress(json: try await admin.client.get(LeaveProgress.path))
        }
        #expect(progress.state == .left)
        let body = Array(#"{"members":["a"],"force":true}"#.utf8)
        let recovery = try await admin.client.post("/cluster/recover", body)
        #expect(String(decoding: recovery, as: UTF8.self).contains(#""members":["a"]"#))
        admin.refuse(.impossible("nobody is left"))
        let error = await #expect(throws: AdminClientError.self) {
            try await admin.client.post(LeaveProgress.path)
        }
        #expect(error?.description == "\(admin.address) answers 409: nobody is left")
    }
}
