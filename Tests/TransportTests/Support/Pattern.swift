import Glibc
import Primitives

/// `count` bytes that differ from place to place, so a swap or a gap is seen.
func pattern(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + block.count)
    while bytes.count < count { bytes += block }
    bytes.removeLast(bytes.count - count)
    return bytes
}

/// Its length is a prime, so that no buffer's size is a multiple of it.
private let block: [UInt8] = {
    var random = SplitMix64(seed: 1)
    return (0..<65_521).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}()

/// Compares without printing megabytes.
func isSame(_ first: [UInt8], _ other: [UInt8]) -> Bool {
    first.count == other.count && memcmp(first, other, first.count) == 0
}
