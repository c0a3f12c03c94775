/// The request that opened a session, in memory once for all who hold the session.
final class OpeningRequest: Sendable {
    let request: Request
    /// Asked for with each event of the session.
    let trace: TraceContext?

    init(_ request: Request) {
        self.request = request.compacted
        trace = request.trace
    }
}
