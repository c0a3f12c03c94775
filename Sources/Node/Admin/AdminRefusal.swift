import Wire

/// Why the admin side does not do what a request asks for.
enum AdminRefusal: Error, Equatable {
    case unauthorized
    /// A browser's page has sent it: an operator's browser must not act for any page it shows.
    case fromWebPage
    /// The console asks for something to be done where nobody can show that he may.
    case consoleNeedsToken
    /// It was sent to a name that is not this node's, as after a DNS answer that lies.
    case foreignHost
    case noSuchResource(String)
    case methodNotAllowed(allowed: [HTTPMethod])
    case badRequest(String)
    case notNow(String)
    case conflict(String)
    case failed(String)

    init(_ refusal: OperationRefusal) {
        self =
            switch refusal {
            case .notNow(let reason): .notNow(reason)
            case .impossible(let reason): .conflict(reason)
            }
    }

    /// The answer, as RFC 9457 writes it.
    var response: Response {
        var response = Response.problem(status: status, detail: detail)
        switch self {
        case .unauthorized: response.headers.set("WWW-Authenticate", "Bearer")
        case .methodNotAllowed(let allowed): response.headers.set("Allow", Self.list(allowed))
        case .fromWebPage, .consoleNeedsToken, .foreignHost, .noSuchResource, .badRequest, .notNow,
            .conflict, .failed:
            break
        }
        return response
    }

    private var status: Int {
        switch self {
        case .unauthorized: 401
        case .fromWebPage, .consoleNeedsToken: 403
        case .foreignHost: 421
        case .noSuchResource: 404
        case .methodNotAllowed: 405
        case .badRequest: 400
        case .notNow: 503
        case .conflict: 409
        case .failed: 500
        }
    }

    private var detail: String {
        switch self {
        case .unauthorized: "the admin token is missing or wrong"
        case .fromWebPage: "requests of web pages are refused"
        case .consoleNeedsToken: "set admin.token to have something done from the console"
        case .foreignHost:
            "without admin.token, expected an IP address or localhost as the host"
        case .noSuchResource(let reason), .badRequest(let reason), .notNow(let reason),
            .conflict(let reason), .failed(let reason):
            reason
        case .methodNotAllowed(let allowed): "expected one of \(Self.list(allowed))"
        }
    }

    private static func list(_ methods: [HTTPMethod]) -> String {
        methods.map(\.token).joined(separator: ", ")
    }
}
