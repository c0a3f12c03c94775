/// The request that opened a session, in memory once for all who hold the session.
final class OpeningRequest: Sendable {
    let request: Request

    init(_ request: Request) { self.request = request.compacted }
}
