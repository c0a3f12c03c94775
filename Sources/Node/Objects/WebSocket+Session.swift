public import Foundation
import Primitives
import Transport
import Wire

// What is known of a socket's session. All of it is for the object's own handlers.
extension WebSocket {
    /// The request that opened it, with the client's address; the same after the object has moved.
    ///
    /// Kept as long as the socket: its size is bounded by `limit.header_bytes`.
    public var request: Request { socket.onLoop.opening.request }

    /// The tags with which it was accepted, in the order in which they were given.
    public var tags: [String] { socket.onLoop.notes.tags.list }

    /// What the last ping of the client's node took; nil before the first, at `ping.interval`.
    ///
    /// The client's node tells it with each pong.
    public var roundTripTime: Duration? { socket.onLoop.flow.roundTrip }

    /// When the client's node has last answered by itself; nil when it has not.
    ///
    /// The node tells it with each pong, so what is more recent than a `ping.interval` (25 s) may
    /// be missing.
    public var autoResponseTimestamp: Date? {
        let socket = socket.onLoop
        guard let instant = socket.flow.autoResponseAt else { return nil }
        let age = instant.duration(to: socket.loop.now)
        return WallClock.date(WallClock.milliseconds(on: socket.loop) - Int64(age.milliseconds))
    }
}
