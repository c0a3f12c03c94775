import Transport
import Wire

/// When a client may come back that was sent away because its object had no owner, or because the
/// node has too much to do.
///
/// Drawn anew each time, so that all of them do not come at once.
enum RestartHint {
    private static let restart = 500...5_000
    private static let overload = 5_000...30_000

    private static func milliseconds(_ loop: EventLoop, in range: ClosedRange<Int>) -> Int {
        var entropy = loop.entropy
        return Int.random(in: range, using: &entropy)
    }

    /// The reason of a Close with 1012.
    static func reason(_ loop: EventLoop) -> String { "retry=\(milliseconds(loop, in: restart))" }

    /// The reason of a Close with 1013.
    static func overloadReason(_ loop: EventLoop) -> String {
        "retry=\(milliseconds(loop, in: overload))"
    }

    /// The field `Retry-After` of an answer.
    static func seconds(_ loop: EventLoop) -> String { seconds(loop, in: restart) }

    private static func seconds(_ loop: EventLoop, in range: ClosedRange<Int>) -> String {
        "\(1 + milliseconds(loop, in: range) / 1_000)"
    }

    /// The answer to a request.
    static func unavailable(
        _ loop: EventLoop,
        _ text: String = "the object has no owner now"
    ) -> Response {
        response(text, retryAfter: seconds(loop)).refusing(.unavailable)
    }

    /// The answer to a request that comes when too much waits in memory.
    static func overloaded(_ loop: EventLoop) -> Response {
        response("the node has too much to do", retryAfter: seconds(loop, in: overload))
            .refusing(.overloaded)
    }

    private static func response(_ text: String, retryAfter seconds: String) -> Response {
        var response = Response.text(text, status: 503)
        response.headers.set("Retry-After", seconds)
        return response
    }
}
