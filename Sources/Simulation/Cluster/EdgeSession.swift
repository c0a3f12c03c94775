import Placement
import Primitives
import Wire

/// One client's session at its edge, and the client with it.
struct EdgeSession {
    /// The way to the owner that was asked last.
    enum Way {
        case none
        case local(ObjectSocket)
        case remote(SimulatedLane, StreamID)
    }

    /// The index of the name.
    let name: Int
    var messages: SessionMachine
    var way = Way.none
    /// The process that was asked last.
    var owner: NodeRun?
    /// Counts the owners that were asked.
    var attachment: UInt64 = 0
    /// Another owned the object since the present owner was asked, so that owner lets it go.
    var isOutdated = false
    /// The number behind the last message that the present owner was handed.
    var handedThrough: UInt64 = 0
    var attempts = 0
    var isRetrying = false
    /// True from the first acceptance on.
    var isAccepted = false
    /// How many messages the client has sent.
    var sent: UInt64 = 0
    let closesAt: Instant

    /// True when `owner`, who has its object now, has yet to be told of this session.
    ///
    /// A former owner that was asked may still accept one that is new.
    func isMissing(at owner: NodeID?) -> Bool {
        switch messages.state {
        case .parked: isAccepted
        case .attaching: isAccepted || isOutdated || self.owner?.id != owner
        case .attached: isOutdated || self.owner?.id != owner
        case .ended: false
        }
    }
}

/// A session as one of its owners knows it: what comes by an older one is dropped.
struct EdgeAttachment: Equatable {
    let session: UInt64
    let number: UInt64
}

/// What a message of a client and its echo carry: the session, its number, and some bytes.
enum ClientMessage {
    static func payload(session: UInt64, number: UInt64, padding: Int) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 16 + padding)
        writer.write(session)
        writer.write(number)
        writer.write(Array(repeating: UInt8(truncatingIfNeeded: number), count: padding))
        return writer.take()
    }

    /// Nil for bytes that no client has sent.
    static func parse(_ bytes: [UInt8]) -> (session: UInt64, number: UInt64)? {
        var reader = ByteReader(bytes)
        guard let session = try? reader.uint64(), let number = try? reader.uint64() else {
            return nil
        }
        let padding = reader.rest()
        guard padding.allSatisfy({ $0 == UInt8(truncatingIfNeeded: number) }) else { return nil }
        return (session, number)
    }
}
