package import Wire

/// An entry of `client.origins`.
package enum AllowedOrigin: Hashable, Sendable, CustomStringConvertible {
    /// `*`: pages from anywhere.
    case any
    /// `null`: pages without an origin, such as files.
    case null
    case page(WebOrigin)

    package init?(_ text: String) {
        switch text {
        case "*": self = .any
        case "null": self = .null
        default:
            guard let origin = WebOrigin(text) else { return nil }
            self = .page(origin)
        }
    }

    package var description: String {
        switch self {
        case .any: "*"
        case .null: "null"
        case .page(let origin): origin.description
        }
    }
}

/// From which pages a browser may send requests: from those of the host that it asks, and from
/// those that are listed.
struct OriginRule: Sendable {
    var allowed: [AllowedOrigin] = []

    /// A request without the field comes from no page, or from one that may only look.
    func allows(_ head: HTTPRequestHead) -> Bool {
        let values = head.headers.all("Origin")
        guard let value = values.first else { return true }
        if allowed.contains(.any) { return true }
        guard values.count == 1 else { return false }
        guard value != "null" else { return allowed.contains(.null) }
        guard let origin = WebOrigin(value) else { return false }
        return allowed.contains(.page(origin)) || head.host.map(origin.isSame) == true
    }
}
