import Wire

/// When a client may come back that was sent away because its object had no owner.
///
/// Drawn anew each time, so that all of them do not come at once.
enum RestartHint {
    private static var milliseconds: Int { Int.random(in: 500...5_000) }

    /// The reason of a Close with 1012.
    static var reason: String { "retry=\(milliseconds)" }

    /// The field `Retry-After` of an answer.
    static var seconds: String { "\(1 + milliseconds / 1_000)" }

    /// The answer to a request.
    static var unavailable: Response {
        var response = Response.text("the object has no owner now", status: 503)
        response.headers.set("Retry-After", seconds)
        return response.refusing(.unavailable)
    }
}
