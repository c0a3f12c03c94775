/// Notices when much of what had waited in memory is gone.
///
/// What is freed stays with the process, ready to be used again, and for the machine it is taken.
struct MemoryPeak {
    /// Less is not worth the time.
    static let worthBytes = 64 << 20

    private var peak = 0

    /// So much waits now; true when it is a quarter at most of what it has been, and by
    /// `worthBytes` less, the first time that this is so.
    mutating func hasFallen(to bytes: Int) -> Bool {
        guard bytes <= peak / 4, peak - bytes >= Self.worthBytes else {
            peak = max(peak, bytes)
            return false
        }
        peak = bytes
        return true
    }
}
