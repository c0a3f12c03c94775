import Primitives
import Testing
import Wire

@testable import Node

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"
    private static let whole = "00-\(trace)-\(parent)-01"

    @Test func `a traceparent of version 00 is taken as it is`() throws {
        let context = try #require(TraceContext(Self.whole, state: "a=b"))
        #expect(context.description == Self.whole)
        #expect(context.traceID == Self.trace)
        #expect(context.state == "a=b")
    }

    @Test func `of a later version what 00 has is taken`() throws {
        for more in ["", "-more"] {
            let context = try #require(TraceContext("cc" + Self.whole.dropFirst(2) + more))
            #expect(context.description == Self.whole)
        }
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-01-more",
        "00-\(trace)-\(parent)-01 ", "ff-\(trace)-\(parent)-01", "cc-\(trace)-\(parent)-01x",
        "00-\(String(repeating: "0", count: 32))-\(parent)-01",
        "00-\(trace)-\(String(repeating: "0", count: 16))-01",
        "00-\(trace.uppercased())-\(parent)-01", "00_\(trace)-\(parent)-01",
        "00-\(trace)-\(parent)-0g", "é0-\(trace)-\(parent)-01",
    ])
    func `what is no traceparent is none`(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test func `a state at its limit is kept, and one past it is dropped`() throws {
        let limit = TraceContext.stateBytesMax
        for (count, isKept) in [(0, false), (1, true), (limit, true), (limit + 1, false)] {
            let state = String(repeating: "s", count: count)
            let context = try #require(TraceContext(Self.whole, state: state))
            #expect((context.state != nil) == isKept)
        }
    }

    @Test func `two of them in one request are none`() {
        var request = Request(method: .get, target: "/", headers: ["traceparent": Self.whole])
        #expect(request.trace?.description == Self.whole)
        request.headers.add("traceparent", Self.whole)
        #expect(request.trace == nil)
    }
}
