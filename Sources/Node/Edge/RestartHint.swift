import Transport
import Wire

/// When a client may come back that was sent away because its object had no owner.
///
/// Drawn anew each time, so that all of them do not come at once.
enum RestartHint {
    private static func milliseconds(_ loop: EventLoop) -> Int {
        var entropy = loop.entropy
        return Int.random(in: 500...5_000, using: &entropy)
    }

    /// The reason of a Close with 1012.
    static func reason(_ loop: EventLoop) -> String { "retry=\(milliseconds(loop))" }

    /// The field `Retry-After` of an answer.
    static func seconds(_ loop: EventLoop) -> String { "\(1 + milliseconds(loop) / 1_000)" }

    /// The answer to a request.
    static func unavailable(
        _ loop: EventLoop,
        _ text: String = "the object has no owner now"
    ) -> Response {
        var response = Response.text(text, status: 503)
        response.headers.set("Retry-After", seconds(loop))
        return response.refusing(.unavailable)
    }
}
