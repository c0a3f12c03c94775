import Primitives
import Testing
import Wire

@testable import Node

@Suite struct OpeningRequestTests {
    private let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func `a request is given back as it came`() throws {
        let request = Request(
            method: try #require(HTTPMethod("PROPFIND")),
            target: "/objects/Room/a?x=%20&y=é",
            headers: [
                "Host": "a.example", "upgrade": "websocket", "Upgrade": "websocket",
                "Cookie": String(repeating: "c", count: 300), "X": "",
            ],
            body: Array("what no client sends".utf8),
            client: SocketAddress(ip: .v6(1, 2), port: 3)
        )
        let opening = OpeningRequest(request)
        #expect(opening.request.method == request.method)
        #expect(opening.request.target == request.target)
        #expect(opening.request.headers.fields == request.headers.fields)
        #expect(opening.request.body == request.body)
        #expect(opening.request.client == request.client)
        #expect(opening.client == request.client)
        #expect(opening.trace == nil)
    }

    @Test(arguments: [nil, "a=1,b=2"])
    func `its trace is that of the request`(state: String?) throws {
        var request = Request(method: .get, target: "/", headers: ["traceparent": trace])
        if let state { request.headers.add("tracestate", state) }
        let opening = OpeningRequest(request)
        let expected = try #require(request.trace)
        #expect(opening.trace == expected)
        #expect(opening.trace?.state == state)
        #expect(opening.request.trace == expected)
        #expect(opening.client == nil)
    }

    @Test func `a trace that is none is left where it is`() {
        let opening = OpeningRequest(
            Request(method: .get, target: "/", headers: ["traceparent": "00-0"])
        )
        #expect(opening.trace == nil)
        #expect(opening.request.headers.first("traceparent") == "00-0")
    }
}
