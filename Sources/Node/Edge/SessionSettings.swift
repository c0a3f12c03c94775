import Primitives
import Wire

/// What one node allows its clients.
struct SessionSettings {
    var webSocket = WebSocketLimits()
    /// How long, and with how much, a session waits for its object's owner.
    var limits = SessionLimits()
    /// What may wait for a slow client; a message is taken while less than this waits.
    var sendQueueBytesMax = 1 << 20
    /// Nil when no compression is ever agreed on.
    var compression: CompressionSettings?
    /// What one client may send in a second; zero is no limit.
    var controlFramesPerSecond = 100
    var messagesPerSecond = 0
    var bytesPerSecond = 0
    var pingInterval = Duration.seconds(25)
    var pingTimeout = Duration.seconds(20)
    var closeTime = Duration.seconds(5)
    /// How long a client that is not accepted yet waits for its object to have an owner.
    var upgradeTime = Duration.seconds(10)
    /// How long the object that was asked may take to accept or refuse a client.
    var answerTime = Duration.seconds(60)
}
