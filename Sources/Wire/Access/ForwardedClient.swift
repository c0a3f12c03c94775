package import Primitives

/// In which field proxies write where a request has come from.
package enum ForwardedField: String, CaseIterable, Sendable {
    case xForwardedFor = "x-forwarded-for"
    /// RFC 7239.
    case forwarded
}

/// How many proxies in front are trusted, and the field that they keep.
///
/// Each proxy writes the address that it was asked from behind those that are there already. So of
/// the last `hops` addresses each was written by a proxy that is trusted, and the first of these is
/// the client's; what stands before it may be the client's own invention.
package struct TrustedHops: Equatable, Sendable {
    /// More proxies in a row are a mistake.
    package static let countMax = 8

    package var count: Int
    package var field: ForwardedField

    package init(count: Int = 0, field: ForwardedField = .xForwardedFor) {
        self.count = count
        self.field = field
    }

    /// The client's address by the fields of its request; nil when none of them tells.
    ///
    /// A proxy that writes something else than an address, such as `unknown`, ends the list there:
    /// the client is then the nearest address that is known. The port is 0 where none is told.
    package func client(in headers: HTTPHeaders) -> SocketAddress? {
        guard count > 0 else { return nil }
        let places: [Substring]
        switch field {
        case .xForwardedFor:
            places = headers.all("X-Forwarded-For").flatMap { value in
                value.utf8.split(separator: Self.comma).map(Substring.init).map(Self.trimmed)
                    .filter { !$0.isEmpty }
            }
        case .forwarded:
            places = headers.all("Forwarded").flatMap { Self.split($0[...], at: Self.comma) }
                .map { Self.forParameter(of: $0) ?? "" }
        }
        var nearest: SocketAddress?
        for place in places.suffix(count).reversed() {
            guard let address = Self.address(place) else { break }
            nearest = address
        }
        return nearest
    }

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// The parts between separators that are in no quoted string, without the blanks at their ends.
    ///
    /// It is read by its bytes and from its end: neither a quote that the client has left open nor
    /// a character that would join the next one hides what a proxy has written behind it.
    private static func split(_ text: Substring, at separator: UInt8) -> [Substring] {
        let bytes = text.utf8
        var parts: [Substring] = []
        var end = bytes.endIndex
        var isQuoted = false
        var index = bytes.endIndex
        while index > bytes.startIndex {
            index = bytes.index(before: index)
            if bytes[index] == quote {
                let escapes = bytes[..<index].reversed().prefix { $0 == backslash }.count
                if escapes.isMultiple(of: 2) { isQuoted.toggle() }
            } else if bytes[index] == separator, !isQuoted {
                parts.append(text[bytes.index(after: index)..<end])
                end = index
            }
        }
        parts.append(text[..<end])
        return parts.reversed().map(trimmed).filter { !$0.isEmpty }
    }

    /// The value of `for=` in one element of `Forwarded`, without its quotes.
    private static func forParameter(of element: Substring) -> Substring? {
        for pair in split(element, at: UInt8(ascii: ";")) {
            let halves = pair.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, halves[0].lowercased() == "for" else { continue }
            let value = halves[1]
            guard value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") else {
                return value
            }
            return value.dropFirst().dropLast()
        }
        return nil
    }

    /// `1.2.3.4`, `1.2.3.4:5`, `fd00::1`, `[fd00::1]` or `[fd00::1]:5`.
    private static func address(_ text: Substring) -> SocketAddress? {
        if let address = SocketAddress(String(text)) { return address }
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text
        guard let ip = SocketAddress.v4(text) ?? SocketAddress.v6(bare) else { return nil }
        return SocketAddress(ip: ip, port: 0)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
