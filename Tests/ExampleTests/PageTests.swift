import ExamplePage
import Rookery
import Testing

@Suite struct PageTests {
    private let page = Page(Array(#"<script nonce="{{nonce}}"></script><p>{{nonce}}</p>"#.utf8))

    private func get(_ method: HTTPMethod = .get) -> Response {
        page.response(to: Request(method: method, target: "/", headers: [:]))
    }

    @Test func `only what has the nonce of the answer may run`() throws {
        let response = get()
        let policy = try #require(response.headers.first("Content-Security-Policy"))
        let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]{8,32})'/)).1
        let body = String(decoding: response.body, as: UTF8.self)
        #expect(body == "<script nonce=\"\(nonce)\"></script><p>\(nonce)</p>")
        #expect(policy.hasPrefix("default-src 'none'; "))
        #expect(response.headers.first("Content-Type") == "text/html; charset=utf-8")
    }

    @Test func `every answer has a nonce of its own`() {
        #expect(get().body != get().body)
    }

    @Test func `a page is read and not written`() {
        #expect(get(.head).status == 200)
        #expect(get(.post).status == 405)
        #expect(get(.post).headers.first("Allow") == "GET, HEAD")
    }
}

/// Holds for a page that works under the policy of `Page`.
func expectSelfContained(
    _ html: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let text = String(decoding: html, as: UTF8.self)
    let blocks = text.matches(of: /<(?:script|style)\b[^>]*>/).map { String($0.output) }
    #expect(
        blocks == [#"<style nonce="{{nonce}}">"#, #"<script nonce="{{nonce}}">"#],
        sourceLocation: sourceLocation
    )
    let foreign = text.firstMatch(of: /<[^>]*\s(?:src|style|on\w+)=|https?:\/\/|@import|innerHTML/)
    #expect(foreign == nil, sourceLocation: sourceLocation)
}
