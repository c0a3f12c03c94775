import Primitives
import Transport
import Wire

/// What a session has only until its client is answered.
final class PendingUpgrade {
    /// The client's handshake.
    let handshake: WebSocketUpgrade
    /// The object, and the request as it is to get it.
    let destination: UpgradeDestination
    let http: HTTPConnection
    /// The subprotocol that is chosen when the object chooses none.
    let tokenOffer: String?
    let openedAt: Instant

    init(
        _ handshake: WebSocketUpgrade,
        to destination: UpgradeDestination,
        on http: HTTPConnection,
        tokenOffer: String?
    ) {
        self.handshake = handshake
        self.destination = destination
        self.http = http
        self.tokenOffer = tokenOffer
        openedAt = http.loop.now
    }
}
