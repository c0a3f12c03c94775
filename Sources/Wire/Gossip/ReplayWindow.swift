/// Which of the last 64 sequence numbers were seen (RFC 4303 section 3.4.3).
///
/// Lets the network reorder by as much as the window is wide; what is older counts as seen.
struct ReplayWindow: Equatable, Sendable {
    static let width: UInt64 = 64

    private var highest: UInt64
    /// Bit `i` stands for `highest - i`.
    private var seen: UInt64 = 1

    init(first: UInt64) { highest = first }

    /// True the first time that a number in the window, or above it, is given.
    mutating func accept(_ sequence: UInt64) -> Bool {
        if sequence > highest {
            let step = sequence - highest
            seen = step < Self.width ? seen << step | 1 : 1
            highest = sequence
            return true
        }
        let age = highest - sequence
        guard age < Self.width else { return false }
        let bit = UInt64(1) << age
        guard seen & bit == 0 else { return false }
        seen |= bit
        return true
    }
}
