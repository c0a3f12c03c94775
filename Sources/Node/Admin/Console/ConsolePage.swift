import Foundation
import Wire

/// The page of the operator's side: what there is and what happens, for a browser.
///
/// One file that asks nobody but the node that has served it. Under its policy nothing runs but its own
/// script, known by its hash, and nothing becomes HTML but what is in the file: a name that an object
/// or a node has can only ever be text.
enum ConsolePage {
    /// The same for everyone: there is nothing of the cluster in it.
    static func response() -> Response { Response(headers: headers, body: html) }

    /// UTF-8.
    static let html = PackageResources.console_html

    private static let headers: HTTPHeaders = [
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    ]

    static let policy: String = {
        let text = String(decoding: html, as: UTF8.self)
        return [
            "default-src 'none'", "script-src \(hash(of: "script", in: text))",
            "style-src \(hash(of: "style", in: text))", "connect-src 'self'", "img-src data:",
            "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            "require-trusted-types-for 'script'", "trusted-types 'none'",
        ].joined(separator: "; ")
    }()

    /// Of what stands between the one tag of that name and its end, as browsers compute it.
    private static func hash(of tag: String, in html: String) -> String {
        guard let start = html.range(of: "<\(tag)>"),
            let end = html.range(of: "</\(tag)>", options: .backwards)
        else { return "'none'" }
        let text = html[start.upperBound..<end.lowerBound]
        return "'sha256-\(Base64.encode(SHA256.hash(Array(text.utf8))))'"
    }
}
