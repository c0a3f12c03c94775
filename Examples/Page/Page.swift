public import Rookery

/// A page that a program carries in itself: one HTML file with all its styles and scripts.
///
/// It is served under a Content-Security-Policy that lets nothing run but what is marked with the
/// nonce of that very answer: write `nonce="{{nonce}}"` at each `<style>` and `<script>`. A script
/// that writes `{{reconnect}}` has `reconnect.js` there: when to connect again after a close.
public struct Page: Sendable {
    /// What stands in the file where the nonce belongs.
    private static let mark = "{{nonce}}"

    /// The text between the marks.
    private let parts: [Substring]

    /// The bytes of the file; UTF-8.
    public init(_ html: [UInt8]) {
        let reconnect = String(decoding: PackageResources.reconnect_js, as: UTF8.self)
        parts = String(decoding: html, as: UTF8.self)
            .replacing("{{reconnect}}", with: reconnect)
            .split(separator: Self.mark, omittingEmptySubsequences: false)
    }

    /// The page, for a GET or HEAD; 405 for all else.
    public func response(to request: Request) -> Response {
        guard request.method == .get || request.method == .head else {
            var refusal = Response.text("GET or HEAD", status: 405)
            refusal.headers.add("Allow", "GET, HEAD")
            return refusal
        }
        let nonce = Self.nonce()
        let headers: HTTPHeaders = [
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": Self.policy(nonce),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        ]
        return Response(headers: headers, body: Array(parts.joined(separator: nonce).utf8))
    }

    /// 128 bits that nobody can guess.
    private static func nonce() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(random.next(), radix: 16) }.joined()
    }

    /// Requests and WebSockets to the node that served the page, and to nobody else.
    private static func policy(_ nonce: String) -> String {
        [
            "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'",
            "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }
}
