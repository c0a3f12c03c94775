import Primitives
import Wire

/// Where connections go: `ws://host:port/path`, with `{n}` in the path for their number.
package struct BenchURL: Equatable, Sendable, CustomStringConvertible {
    /// What stands for the number of the connection.
    package static let placeholder = "{n}"
    /// The port of `ws:` (RFC 6455 section 3).
    package static let defaultPort: UInt16 = 80
    /// Longer than any server takes.
    package static let byteCountMax = 8_192

    /// A name or an address; of version 6 without its brackets.
    package let host: String
    package let port: UInt16
    package let description: String
    private let path: String

    /// Nil for anything else, TLS included.
    package init?(_ text: String) {
        guard text.lowercased().hasPrefix("ws://"), text.utf8.count <= Self.byteCountMax,
            let target = RequestTarget(text), let authority = target.authority
        else { return nil }
        var host = authority
        var port = Self.defaultPort
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = SocketAddress.port(authority[authority.index(after: colon)...]),
                number > 0
            else { return nil }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
        path = target.path + (target.query.map { "?" + $0 } ?? "")
        description = text
    }

    /// What the `Host` field says.
    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// What the connection of this number asks for.
    package func path(of number: Int) -> String {
        path.replacing(Self.placeholder, with: String(number))
    }
}
