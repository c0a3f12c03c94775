/// How far a client is with what one of its session's owners has sent: what the owner is told.
///
/// Counted anew for each owner. Bytes are those of whole frames to the client.
struct EdgeFlow {
    /// The owner is told when so much more has left, so it knows of all but so much.
    static let toldBytes: UInt64 = 64 << 10

    /// What has come from the owner.
    private(set) var handed: UInt64 = 0
    private var told: UInt64 = 0
    /// How many messages of it the client's policy has dropped.
    private(set) var dropped: UInt32 = 0

    /// A frame of so many bytes.
    mutating func hand(_ byteCount: Int) { handed += UInt64(byteCount) }

    mutating func drop(_ messages: Int) { dropped = dropped.addingSaturating(messages) }

    /// What is gone from here while so many bytes wait, those that are not the owner's included.
    func taken(waiting bytes: Int) -> UInt64 { handed - min(handed, UInt64(bytes)) }

    func isDue(waiting bytes: Int) -> Bool { taken(waiting: bytes) >= told + Self.toldBytes }

    mutating func tell(_ taken: UInt64) { told = max(told, taken) }
}

extension UInt32 {
    fileprivate func addingSaturating(_ count: Int) -> UInt32 {
        UInt32(clamping: UInt64(self) + UInt64(count))
    }
}
