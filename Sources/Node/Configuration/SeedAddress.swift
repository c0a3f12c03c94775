package import Primitives

/// Where another node of the cluster may be found: a host and a port.
///
/// The host is an IPv4 address, an IPv6 address (written in brackets) or a DNS name, which is
/// looked up anew for every attempt to join.
package struct SeedAddress: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets.
    package let host: String
    package let port: UInt16

    /// The address itself; nil when the host is a name.
    package let address: SocketAddress?

    /// Nil when `text` is no `host:port`, or the port is 0.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        guard let port = SocketAddress.port(text[text.index(after: colon)...]), port > 0
        else { return nil }
        self.port = port
        address = SocketAddress(text)
        let host = text[..<colon]
        if address != nil {
            self.host = String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host)
        } else {
            guard Self.isName(host) else { return nil }
            self.host = String(host)
        }
    }

    /// RFC 1123 section 2.1, and the underscores that container networks use.
    ///
    /// The last label is not all digits, or it would be an IPv4 address with a mistake in it.
    private static func isName(_ host: Substring) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, let last = labels.last else { return false }
        guard !last.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
