/// Which end of a WebSocket this is.
package enum WebSocketRole: Equatable, Sendable {
    /// Sends its frames as they are.
    case server
    /// Masks its frames, with keys drawn from a generator of this seed.
    ///
    /// The keys are to keep a stranger's text from looking like HTTP to a proxy (RFC 6455 section
    /// 10.3), so the seed must come from the system's random source where that matters.
    case client(maskingSeed: UInt64)

    /// True when the frames of this end carry a mask (section 5.1).
    package var masks: Bool {
        switch self {
        case .server: false
        case .client: true
        }
    }
}
