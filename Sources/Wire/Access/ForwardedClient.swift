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
            places = headers.all("X-Forwarded-For").flatMap { Self.split($0[...], at: ",") }
        case .forwarded:
            places = headers.all("Forwarded").flatMap { Self.split($0[...], at: ",") }
                .map { Self.forParameter(of: $0) ?? "" }
        }
        var nearest: SocketAddress?
        for place in places.suffix(count).reversed() {
            guard let address = Self.address(place) else { break }
            nearest = address
        }
        return nearest
    }

    /// The parts between separators that are in no quoted string, without the blanks at their ends.
    private static func split(_ text: Substring, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                parts.append(text[start..<index])
                start = text.index(after: index)
            }
        }
        parts.append(text[start...])
        return parts.map(trimmed).filter { !$0.isEmpty }
    }

    /// The value of `for=` in one element of `Forwarded`, without its quotes.
    private static func forParameter(of element: Substring) -> Substring? {
        for pair in split(element, at: ";") {
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
