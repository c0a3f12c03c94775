import Primitives
import Transport
import Wire

/// What a session has only until its client is answered.
final class PendingUpgrade {
    /// The client's handshake.
    let handshake: WebSocketUpgrade
    /// As the object is to get it.
    let request: Request
    let http: HTTPConnection
    /// The subprotocol that is chosen when the object chooses none.
    let tokenOffer: String?
    let openedAt: Instant

    init(
        _ handshake: WebSocketUpgrade,
        _ request: Request,
        on http: HTTPConnection,
        tokenOffer: String?
    ) {
        self.handshake = handshake
        self.request = request
        self.http = http
        self.tokenOffer = tokenOffer
        openedAt = http.loop.now
    }
}
