/// What a request asks for: the second word of its first line (RFC 9112 section 3.2).
package struct RequestTarget: Hashable, Sendable {
    /// How the target is written.
    package enum Form: Hashable, Sendable {
        /// `/path?query`, the usual one.
        case origin
        /// `http://host/path?query`, as for a proxy; a server must take it too.
        case absolute
        /// `*`, the server as a whole.
        case asterisk
    }

    /// The target as it was sent.
    package let raw: String
    package let form: Form
    /// The host and port of an absolute target.
    package let authority: Substring?
    /// From the first slash to before the question mark, not decoded; `*` for the asterisk form.
    package let path: Substring
    /// What follows the question mark, not decoded.
    package let query: Substring?

    /// Nil for anything but visible ASCII in one of the three forms.
    ///
    /// A fragment has no place in a request, nor has a user name in an absolute target (RFC 9110
    /// section 4.2.4).
    package init?(_ raw: String) { self.init(Array(raw.utf8)[...]) }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.allSatisfy({ HTTPCharacters.isVisibleASCII($0) && $0 != Self.hash })
        else { return nil }
        raw = String(decoding: bytes, as: UTF8.self)
        if raw.utf8.first == Self.slash {
            form = .origin
            authority = nil
            (path, query) = Self.split(raw[...])
        } else if raw == "*" {
            form = .asterisk
            authority = nil
            (path, query) = (raw[...], nil)
        } else {
            guard let (host, rest) = Self.splitAbsolute(raw) else { return nil }
            form = .absolute
            authority = host
            let (path, query) = Self.split(rest)
            self.path = path.isEmpty ? "/" : path
            self.query = query
        }
    }

    private static let slash = UInt8(ascii: "/")
    private static let question = UInt8(ascii: "?")
    private static let hash = UInt8(ascii: "#")
    private static let colon = UInt8(ascii: ":")

    private static func split(_ text: Substring) -> (path: Substring, query: Substring?) {
        guard let mark = text.utf8.firstIndex(of: question) else { return (text, nil) }
        return (text[..<mark], text[text.utf8.index(after: mark)...])
    }

    private static func splitAbsolute(_ raw: String) -> (host: Substring, rest: Substring)? {
        let schemes = ["http://", "https://", "ws://", "wss://"]
        guard let scheme = schemes.first(where: { raw.prefix($0.count).lowercased() == $0 })
        else { return nil }
        let text = raw.dropFirst(scheme.count)
        let end = text.utf8.firstIndex { $0 == slash || $0 == question } ?? text.endIndex
        let host = text[..<end]
        guard !host.isEmpty, host.utf8.first != colon, HostAndPort.isValid(host.utf8)
        else { return nil }
        return (host, text[end...])
    }
}

extension RequestTarget {
    /// The parts of the path between its slashes, not decoded: `/a/b%2Fc` has `a` and `b%2Fc`.
    ///
    /// An empty part is kept, so `/` has one, and so has a slash at the end. Dots mean nothing.
    package var segments: [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The segments, each decoded by itself; nil when one cannot be.
    package var decodedSegments: [String]? {
        let decoded = segments.compactMap(PercentEncoding.decode)
        return decoded.count == segments.count ? decoded : nil
    }

    /// The decoded value of the first query parameter called `name`; `+` stands for a space.
    ///
    /// An empty text for a parameter without a value, nil for one that is missing or cannot be
    /// decoded.
    package func queryValue(_ name: String) -> String? {
        for parameter in (query ?? "").split(separator: "&") {
            let parts = parameter.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard Self.decodeQuery(parts[0]) == name else { continue }
            return parts.count == 2 ? Self.decodeQuery(parts[1]) : ""
        }
        return nil
    }

    /// False when a name or a value of the query cannot be decoded.
    package var hasDecodableQuery: Bool {
        (query ?? "").split(whereSeparator: { $0 == "&" || $0 == "=" })
            .allSatisfy { Self.decodeQuery($0) != nil }
    }

    private static func decodeQuery(_ text: Substring) -> String? {
        PercentEncoding.decode(Substring(text.map { $0 == "+" ? " " : $0 }))
    }
}

extension RequestTarget: CustomStringConvertible {
    package var description: String { raw }
}
