/// The tokens that a request brings along, and the request without them.
///
/// A token stands in `Authorization: Bearer …`, in the query as `access_token=…`, or, for pages,
/// which can set no field, among the subprotocols as `bearer.…`.
package struct BearerOffer: Sendable {
    /// All of them, in this order; more than one is nothing that a client in good order sends.
    package private(set) var tokens: [String] = []
    /// The target without the parameter.
    package private(set) var target: String
    /// The fields without the token.
    package private(set) var headers: HTTPHeaders
    /// The subprotocol that brought a token, as it was offered.
    package private(set) var subprotocol: String?

    private static let parameter = "access_token"
    private static let prefix = "bearer."

    package init(of head: HTTPRequestHead) {
        target = head.target.raw
        headers = head.headers
        takeAuthorization()
        takeParameter(head.target)
        takeSubprotocol()
    }

    /// Another scheme than Bearer is for whoever the request is for.
    private mutating func takeAuthorization() {
        let values = headers.all("Authorization")
        let bearers = values.compactMap { value -> String? in
            let words = value.split(separator: " ", maxSplits: 1)
            guard let scheme = words.first, scheme.lowercased() == "bearer" else { return nil }
            return words.count == 2 ? words[1].trimmingSpaces : ""
        }
        guard !bearers.isEmpty else { return }
        tokens += bearers
        headers.remove("Authorization")
    }

    private mutating func takeParameter(_ parsed: RequestTarget) {
        guard let query = parsed.query else { return }
        var kept: [Substring] = []
        for part in query.split(separator: "&", omittingEmptySubsequences: false) {
            let halves = part.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            if halves.first.flatMap(PercentEncoding.decode) == Self.parameter {
                let value = halves.count == 2 ? PercentEncoding.decode(halves[1]) : ""
                tokens.append(value ?? "")
            } else {
                kept.append(part)
            }
        }
        guard kept.count < query.split(separator: "&", omittingEmptySubsequences: false).count
        else { return }
        let base = target.dropLast(query.utf8.count + 1)
        target = kept.isEmpty ? String(base) : base + "?" + kept.joined(separator: "&")
    }

    private mutating func takeSubprotocol() {
        let offered = headers.list("Sec-WebSocket-Protocol")
        let bearers = offered.filter { $0.hasPrefix(Self.prefix) }
        guard let first = bearers.first else { return }
        subprotocol = first
        tokens += bearers.map { String($0.dropFirst(Self.prefix.count)) }
        let rest = offered.filter { !$0.hasPrefix(Self.prefix) }
        if rest.isEmpty {
            headers.remove("Sec-WebSocket-Protocol")
        } else {
            headers.set("Sec-WebSocket-Protocol", rest.joined(separator: ", "))
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(HTTPCharacters.text(HTTPCharacters.trimmed(Array(utf8)[...])))
    }
}
