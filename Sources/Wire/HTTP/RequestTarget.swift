import Primitives

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
    // Where in `raw` the parts are: one text is held and copied, and not one for each part.
    private let authorityBytes: Range<Int>
    let pathBytes: Range<Int>
    private let queryStart: Int?

    /// Nil for anything but visible ASCII in one of the three forms.
    ///
    /// A fragment has no place in a request, nor has a user name in an absolute target (RFC 9110
    /// section 4.2.4).
    package init?(_ raw: String) { self.init(raw.utf8Span.span, raw) }

    init?(_ bytes: ArraySlice<UInt8>) {
        self.init(bytes.span, String(decoding: bytes, as: UTF8.self))
    }

    private init?(_ bytes: Span<UInt8>, _ text: @autoclosure () -> String) {
        var mark: Int?
        for index in bytes.indices {
            let byte = bytes[index]
            guard HTTPCharacters.isVisibleASCII(byte), byte != Self.hash else { return nil }
            if byte == Self.question, mark == nil { mark = index }
        }
        var start = 0
        if !bytes.isEmpty, bytes[0] == Self.slash {
            form = .origin
            authorityBytes = 0..<0
        } else if bytes.count == 1, bytes[0] == UInt8(ascii: "*") {
            form = .asterisk
            authorityBytes = 0..<0
        } else {
            let copy = [UInt8](copying: bytes)
            guard let authority = Self.authority(of: copy[...]) else { return nil }
            form = .absolute
            authorityBytes = authority
            start = authority.upperBound
        }
        raw = text()
        pathBytes = start..<(mark ?? bytes.count)
        queryStart = mark.map { $0 + 1 }
    }

    /// The host and port of an absolute target.
    package var authority: Substring? { form == .absolute ? part(authorityBytes) : nil }

    /// From the first slash to before the question mark, not decoded; `*` for the asterisk form.
    package var path: Substring { pathBytes.isEmpty ? "/" : part(pathBytes) }

    /// What follows the question mark, not decoded.
    package var query: Substring? { queryStart.map { part($0..<raw.utf8.count) } }

    private func part(_ range: Range<Int>) -> Substring {
        let bytes = raw.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: range.lowerBound)
        return raw[start..<bytes.index(start, offsetBy: range.count)]
    }

    static let slash = UInt8(ascii: "/")
    private static let question = UInt8(ascii: "?")
    private static let hash = UInt8(ascii: "#")
    private static let colon = UInt8(ascii: ":")

    /// Where the host and port of `http://host/path` are, counted from the start.
    private static func authority(of bytes: ArraySlice<UInt8>) -> Range<Int>? {
        let schemes = ["http://", "https://", "ws://", "wss://"]
        guard
            let scheme = schemes.first(where: {
                HTTPCharacters.equal(bytes.prefix($0.utf8.count), $0.utf8)
            })
        else { return nil }
        let text = bytes.dropFirst(scheme.utf8.count)
        let end = text.firstIndex { $0 == slash || $0 == question } ?? text.endIndex
        let host = text[..<end]
        guard !host.isEmpty, host.first != colon, HostAndPort.isValid(host) else { return nil }
        return (host.startIndex - bytes.startIndex)..<(host.endIndex - bytes.startIndex)
    }
}

extension RequestTarget {
    /// The parts of the path between its slashes, not decoded: `/a/b%2Fc` has `a` and `b%2Fc`.
    ///
    /// An empty part is kept, so `/` has one, and so has a slash at the end. Dots mean nothing.
    package var segments: [Substring] {
        var segments: [Substring] = []
        let bytes = raw.utf8Span.span
        var start = min(pathBytes.lowerBound + 1, pathBytes.upperBound)
        for position in start..<pathBytes.upperBound where bytes[position] == Self.slash {
            segments.append(part(start..<position))
            start = position + 1
        }
        segments.append(part(start..<pathBytes.upperBound))
        return segments
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
