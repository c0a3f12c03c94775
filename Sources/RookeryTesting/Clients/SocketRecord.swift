import Primitives
import Queues
import Synchronization
import Wire

/// What has become of one client's WebSocket, for whoever waits for it.
final class SocketRecord: Sendable {
    /// How far it is.
    enum Phase: Equatable, Sendable {
        case connecting
        case open
        /// The node has answered with something else.
        case refused(status: Int, body: String)
        case failed(String)
        case closed(code: UInt16, reason: String)
    }

    private struct State: Sendable {
        var phase = Phase.connecting
        var unread = Deque<WebSocketMessage>()
        var transcript: [TestWebSocket.Line] = []
    }

    private let state = Mutex(State())

    var phase: Phase { state.withLock { $0.phase } }

    var isConnecting: Bool { phase == .connecting }

    var transcript: [TestWebSocket.Line] { state.withLock { $0.transcript } }

    var unreadCount: Int { state.withLock { $0.unread.count } }

    /// True when there is something to be told: a message, or that none will come.
    var hasNews: Bool {
        state.withLock { state in
            if !state.unread.isEmpty { return true }
            return switch state.phase {
            case .connecting, .open: false
            case .refused, .failed, .closed: true
            }
        }
    }

    /// True when it has ended, whatever is unread.
    var hasEnded: Bool {
        switch phase {
        case .connecting, .open: false
        case .refused, .failed, .closed: true
        }
    }

    func next() -> WebSocketMessage? { state.withLock { $0.unread.popFirst() } }

    /// The first end is the one that counts.
    func become(_ phase: Phase) {
        state.withLock { state in
            switch state.phase {
            case .connecting, .open: state.phase = phase
            case .refused, .failed, .closed: break
            }
        }
    }

    func received(_ message: WebSocketMessage, at age: Duration) {
        state.withLock { state in
            state.unread.append(message)
            state.transcript.append(TestWebSocket.Line(message, isSent: false, at: age))
        }
    }

    func sent(_ message: WebSocketMessage, at age: Duration) {
        state.withLock { state in
            state.transcript.append(TestWebSocket.Line(message, isSent: true, at: age))
        }
    }
}
