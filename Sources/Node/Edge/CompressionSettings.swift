import Deflate
import Synchronization
import Wire

/// How the messages of clients are compressed.
struct CompressionSettings: Sendable {
    /// Longer messages go as they are, for their compression would hold up the loop.
    static let messageBytesMax = 1 << 20
    /// A compressed message that would become so many times its length is refused.
    static let inflationMax = 1_000

    /// Shorter messages go as they are.
    var messageBytesMin = 256
    /// The largest window of either direction, as a power of two.
    var windowBitsMax = 12
    /// 1 is the quickest, 9 the smallest.
    var level = 3
    /// What one connection may keep between two messages, in bytes.
    var connectionBytesMax = 128 << 10
    /// What all connections of the node may keep.
    let budget: CompressionBudget
}

/// What the connections of one node may keep in memory for their compression.
///
/// Any thread.
final class CompressionBudget: Sendable {
    private let left: Mutex<Int>

    init(bytes: Int) { left = Mutex(bytes) }

    /// False, and nothing is taken, when there is not as much.
    func take(_ bytes: Int) -> Bool {
        left.withLock { left in
            guard bytes <= left else { return false }
            left -= bytes
            return true
        }
    }

    func give(_ bytes: Int) { left.withLock { $0 += bytes } }

    var bytesLeft: Int { left.withLock { $0 } }
}

extension DeflateTerms {
    /// What a connection with these terms keeps between two messages, in bytes.
    var keptBytes: Int {
        (serverKeepsContext ? DeflateSupport.deflaterBytes(windowBits: serverWindowBits) : 0)
            + (clientKeepsContext ? DeflateSupport.inflaterBytes(windowBits: clientWindowBits) : 0)
    }
}
