package import Primitives

/// Why a datagram was dropped.
package enum GossipRefusal: Error, Equatable, Sendable {
    /// Shorter than the shortest envelope.
    case truncated(count: Int)
    /// Longer than `GossipEnvelope.datagramBytesMax`.
    case tooLong(count: Int)
    /// Not gossip at all, or in a layout of another version.
    case version(UInt32)
    /// From a node of another cluster; clusters never merge by themselves.
    case otherCluster(ClusterTag)
    /// None of our keys made this code: forged, damaged, or from a node with another secret.
    case badTag
    /// From a peer that holds the secret, and still not an envelope.
    case malformed(ByteError)
    /// Seen before, or so old that this cannot be told.
    case replayed(sequence: UInt64)
    /// A later run of the sender has been heard already.
    case olderIncarnation(Incarnation)

    /// One word per case, for counters.
    package var reason: StaticString {
        switch self {
        case .truncated: "truncated"
        case .tooLong: "too-long"
        case .version: "version"
        case .otherCluster: "other-cluster"
        case .badTag: "bad-tag"
        case .malformed: "malformed"
        case .replayed: "replayed"
        case .olderIncarnation: "older-incarnation"
        }
    }
}
