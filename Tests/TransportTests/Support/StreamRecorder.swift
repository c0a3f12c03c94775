import Primitives
import Transport

/// Keeps what a connection brings, for a test to wait for.
final class StreamRecorder: StreamConnectionDelegate, Sendable {
    struct Seen: Sendable {
        var bytes: [UInt8] = []
        var peerEnds = 0
        var drains = 0
        var ends: [StreamEnd] = []
    }

    /// What a test does from inside a call.
    struct Reactions: Sendable {
        var received: @Sendable () -> Void = {}
        var peerEnded: @Sendable () -> Void = {}
        var drained: @Sendable () -> Void = {}
    }

    let seen = Watched(Seen())
    let reactions = Watched(Reactions())

    func received(_ bytes: Span<UInt8>) {
        let copy = [UInt8](copying: bytes)
        seen.update { $0.bytes += copy }
        reactions.value.received()
    }

    func peerEnded() {
        seen.update { $0.peerEnds += 1 }
        reactions.value.peerEnded()
    }

    func outputDrained() {
        seen.update { $0.drains += 1 }
        reactions.value.drained()
    }

    func ended(_ end: StreamEnd) { seen.update { $0.ends.append(end) } }
}
