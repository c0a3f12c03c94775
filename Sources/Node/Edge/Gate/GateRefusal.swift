import Wire

/// Why a client's request is not let in.
enum GateRefusal: Error, Equatable {
    /// It comes from a page of another host.
    case origin
    /// As many connections as one address may have come from this client's.
    case addressFull
    case tokenMissing
    /// More than one token, of which nobody knows which counts.
    case tokenRepeated
    case token(AccessTokenError)
    /// The token is in order, and for other classes.
    case tokenClass
    /// It is for other names.
    case tokenName

    /// The word under which it is counted.
    var reason: StaticString {
        switch self {
        case .origin: "origin_refused"
        case .addressFull: "address_limit"
        case .tokenMissing: "token_missing"
        case .tokenRepeated: "token_repeated"
        case .token(let error): error.reason
        case .tokenClass: "token_class"
        case .tokenName: "token_name"
        }
    }

    var status: Int {
        switch self {
        case .origin, .tokenClass, .tokenName: 403
        case .addressFull: 429
        case .tokenRepeated: 400
        case .tokenMissing, .token: 401
        }
    }

    /// For people; it says nothing about the keys.
    var detail: String {
        switch self {
        case .origin: "pages of another host may not send requests here"
        case .addressFull: "too many connections from one address"
        case .tokenMissing: "a token is needed: Authorization: Bearer …"
        case .tokenRepeated: "expected one token"
        case .token(.expired): "the token has expired"
        case .token: "the token is not valid"
        case .tokenClass: "the token is for another class"
        case .tokenName: "the token is for another name"
        }
    }

    var response: Response { .refusal(status: status, detail: detail) }
}

extension AccessTokenError {
    fileprivate var reason: StaticString {
        switch self {
        case .tooLong, .malformed, .unknownVersion: "token_malformed"
        case .unknownKey: "token_unknown_key"
        case .wrongSignature: "token_wrong_signature"
        case .expired: "token_expired"
        }
    }
}

extension Response {
    /// A problem, with what a client has to show where that is what is missing (RFC 6750).
    static func refusal(status: Int, detail: String) -> Response {
        var response = Response.problem(status: status, detail: detail)
        let realm = #"Bearer realm="rookery""#
        switch status {
        case 401: response.headers.set("WWW-Authenticate", realm)
        case 403: response.headers.set("WWW-Authenticate", realm + #", error="insufficient_scope""#)
        default: break
        }
        return response
    }
}
