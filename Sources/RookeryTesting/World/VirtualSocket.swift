import Primitives
import Queues
import Transport

/// A datagram, and where it is from or where it is to go.
struct Datagram: Sendable {
    let bytes: [UInt8]
    let address: SocketAddress
}

/// One socket of a virtual machine.
///
/// Touched under the lock of its world only, like everything that belongs to it.
final class VirtualSocket {
    /// Datagrams that wait for a reader; one too many is lost.
    static let datagramsMax = 1_024

    /// Who wants to know when the socket is ready.
    struct Watch {
        let loop: Int
        let token: UInt64
        var events: ReadyEvents
    }

    let number: Int32
    let host: Int
    let kind: SocketKind
    var local: SocketAddress?
    var watch: Watch?
    /// Its loop looks at it before its next turn.
    var isCandidate = false
    /// The connections that wait to be accepted; nil unless it listens.
    var backlog: Deque<Int32>?
    var backlogMax = 0
    var stream: VirtualStream?
    var datagrams = Deque<Datagram>()

    init(number: Int32, host: Int, kind: SocketKind) {
        self.number = number
        self.host = host
        self.kind = kind
    }

    /// What the socket is ready for now.
    var readiness: ReadyEvents {
        if let stream { return stream.readiness }
        let isReadable = backlog?.isEmpty == false || !datagrams.isEmpty
        return isReadable ? .readable : []
    }

    /// What its loop is to be told.
    var wantedReadiness: ReadyEvents {
        guard let watch else { return [] }
        return readiness.intersection(watch.events.union(.failed))
    }
}
