import Glibc
import Primitives
import Queues
import Transport

/// One end of a stream: what has come and is not read, and what the network has not taken.
final class VirtualStream {
    /// Bytes on their way to the reader, and unread there.
    static let capacity = 256 << 10
    /// How long a sender tries to get through when nothing else was said.
    static let patience = Duration.seconds(60)

    /// What the network carries.
    enum Segment: Sendable {
        case bytes([UInt8])
        /// The sender has nothing more to say.
        case end
    }

    let remote: SocketAddress
    let remoteHost: Int
    /// The other end; nil while it is not known.
    var peer: Int32?
    /// The first error, which the reader gets behind all bytes.
    var error: Int32 = 0
    var hasEndCome = false
    var isEndSent = false
    /// The owner has closed it, and it only tries to send what waits.
    var isOrphan = false
    /// Bytes that were written here and not read there.
    var outstanding = 0
    var wantsRoom = false
    /// What could not be sent, since when, and how long it waits until the next attempt.
    var stalled: [Segment] = []
    var stalledSince = Instant.zero
    var retransmission = Duration.milliseconds(200)
    var userTimeout = VirtualStream.patience
    /// Nothing arrives before what was sent earlier.
    var latestArrival = Instant.zero
    private var inbox = Deque<[UInt8]>()
    /// The chunk that is being read.
    private var chunk: [UInt8] = []
    private var offset = 0
    private(set) var unread = 0

    init(to remote: SocketAddress, on host: Int, peer: Int32? = nil) {
        self.remote = remote
        remoteHost = host
        self.peer = peer
    }

    var readiness: ReadyEvents {
        var ready: ReadyEvents = []
        if unread > 0 || hasEndCome { ready.insert(.readable) }
        if hasEndCome { ready.insert(.peerEnded) }
        if error != 0 { return ready.union([.readable, .writable, .failed]) }
        guard peer != nil else { return ready }
        if !isEndSent, outstanding <= Self.capacity * 2 / 3 { ready.insert(.writable) }
        if hasEndCome, isEndSent { ready.formUnion(.failed) }
        return ready
    }

    /// Bytes that may still be written.
    var room: Int { max(Self.capacity - outstanding, 0) }

    func arrived(_ bytes: [UInt8]) {
        inbox.append(bytes)
        unread += bytes.count
    }

    /// As much as there is and fits.
    func read(atMost room: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < room {
            if offset == chunk.count {
                guard let next = inbox.popFirst() else { break }
                (chunk, offset) = (next, 0)
            }
            let length = min(chunk.count - offset, room - bytes.count)
            if bytes.isEmpty, length == chunk.count {
                bytes = chunk
            } else {
                bytes += chunk[offset..<offset + length]
            }
            offset += length
        }
        unread -= bytes.count
        return bytes
    }
}
