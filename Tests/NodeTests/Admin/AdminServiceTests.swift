import Testing

@testable import Node

@Suite(.onTestLoop) struct AdminServiceTests {
    @Test func `a drain is asked for in the query or in the body, of this node or another`()
        async throws
    {
        let admin = try await AdminFixture()
        let query = "/cluster/drain?node=node-2&rate=500/s&deadline=1m"
        let answer = try await admin.ask(.post, query)
        #expect(answer.status == 200)
        let text =
            #"{"canUndo":false,"clients":5,"node":"node-2","partitions":3,"#
            + #""state":"draining"}"#
        #expect(answer.text == text)
        for body in [
            #"{"node":"node-2","rate":500,"deadline":"1m"}"#,
            #"{"node":"node-2","rate":"500/s","deadline":"60s"}"#,
        ] { _ = try await admin.ask(.post, "/cluster/drain", body: body) }
        _ = try await admin.ask(.post, "/cluster/drain")
        _ = try await admin.ask(.get, "/cluster/drain?node=node-1")
        _ = try await admin.ask(.delete, "/cluster/drain?node=node%2D2")
        _ = try await admin.ask(.post, "/cluster/cordon?node=node-2")
        _ = try await admin.ask(.delete, "/cluster/cordon")
        let asked = await admin.asked()
        #expect(
            asked == Array(repeating: "drain 500 60000 node-2", count: 3) + [
                "drain here", "look node-1", "undo node-2", "cordon node-2", "uncordon here",
            ]
        )
    }

    @Test(arguments: [
        ("/cluster/drain?rate=0", 400), ("/cluster/drain?deadline=1", 400),
        ("/cluster/drain?speed=5", 400), ("/cluster/drain?node", 400),
        ("/cluster/drain?node=%ff", 400), ("/cluster/cordon?rate=5", 400),
        ("/cluster/drain?node=node-9", 404), ("/cluster/drain?node=a%20b", 404),
    ])
    func `what cannot be meant is a problem`(target: String, status: Int) async throws {
        let admin = try await AdminFixture()
        let answer = try await admin.ask(.post, target)
        #expect(answer.status == status)
        #expect(answer.headers.first("Content-Type") == "application/problem+json")
        #expect(try await admin.ask(.post, "/cluster/drain", body: "5").status == 400)
        #expect(await admin.asked() == [])
    }

    @Test func `what the node refuses is told with its reason`() async throws {
        let admin = try await AdminFixture()
        admin.refuse(.notNow("node-2 does not answer"))
        #expect(try await admin.ask(.post, "/cluster/drain?node=node-2").status == 503)
        admin.refuse(.impossible("too late"))
        let late = try await admin.ask(.delete, "/cluster/drain")
        #expect(late.status == 409)
        #expect(late.text.contains("too late"))
        let early = try await AdminFixture(hasOperations: false)
        #expect(try await early.ask(.post, "/cluster/drain").status == 503)
    }
}
