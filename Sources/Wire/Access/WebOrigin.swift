import Primitives

/// Where a page in a browser comes from: scheme, host and port (RFC 6454).
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Longer ones are none: a host has at most 253 characters.
    package static let byteCountMax = 300

    /// In lower case, as is `host`.
    package let scheme: String
    /// With its brackets where it is an IPv6 address.
    package let host: String
    package let port: UInt16

    /// Nil for anything but `scheme://host` or `scheme://host:port`, with a known port where none
    /// is written; so `null`, which a browser sends for what has no origin, is none.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.byteCountMax, let colon = text.firstIndex(of: ":"),
            text[colon...].hasPrefix("://")
        else { return nil }
        scheme = text[..<colon].lowercased()
        guard let (host, port) = Self.split(text[colon...].dropFirst(3)),
            let number = port ?? Self.usualPort(scheme)
        else { return nil }
        self.host = host
        self.port = number
    }

    /// True when the page came from the host that a request asks, as its `Host` field has it.
    ///
    /// Which scheme the client has spoken is known to the proxy that has ended TLS and not here, so
    /// a host without a port is taken for the usual port of the page's scheme.
    package func isSame(asHost field: String) -> Bool {
        guard let (host, port) = Self.split(field[...]) else { return false }
        return host == self.host && (port ?? Self.usualPort(scheme)) == self.port
    }

    /// The host in lower case, and the port if there is one.
    private static func split(_ text: Substring) -> (host: String, port: UInt16?)? {
        let bracket = text.hasPrefix("[") ? text.firstIndex(of: "]") : text.startIndex
        guard let bracket, !text.isEmpty, text.utf8.allSatisfy(HTTPCharacters.isHost)
        else { return nil }
        guard let colon = text[bracket...].firstIndex(of: ":") else {
            return (text.lowercased(), nil)
        }
        guard colon > text.startIndex,
            let port = SocketAddress.port(text[text.index(after: colon)...])
        else { return nil }
        return (text[..<colon].lowercased(), port)
    }

    private static func usualPort(_ scheme: String) -> UInt16? {
        switch scheme {
        case "http", "ws": 80
        case "https", "wss": 443
        default: nil
        }
    }

    package var description: String {
        Self.usualPort(scheme) == port ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
    }
}
