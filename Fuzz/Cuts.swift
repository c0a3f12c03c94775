import Placement
import Primitives

/// Ways in which the bytes of a connection can be cut into reads.
enum Cuts {
    /// Byte by byte is for what is not longer than this.
    private static let shortBytesMax = 400

    /// In two and in three pieces at places that follow from the bytes, and byte by byte.
    static func ways(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        guard bytes.count > 1 else { return [] }
        var random = generator(for: bytes)
        var ways = [1, 2].map { count in
            pieces(
                of: bytes,
                at: (0..<count).map { _ in .random(in: 1..<bytes.count, using: &random) }
            )
        }
        if bytes.count <= shortBytesMax { ways.append(bytes.indices.map { bytes[$0...$0] }) }
        return ways
    }

    /// A generator that the bytes decide, so that an input repeats itself.
    static func generator(for bytes: [UInt8]) -> SplitMix64 {
        SplitMix64(seed: UInt64(CRC32C.checksum(bytes)))
    }

    private static func pieces(of bytes: [UInt8], at points: [Int]) -> [ArraySlice<UInt8>] {
        let places = [0] + points.sorted() + [bytes.count]
        return zip(places, places.dropFirst()).map { bytes[$0..<$1] }
    }
}

/// An input that is a list of shorter ones, each behind its length in two bytes.
struct Pieces: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next one; the last may be shorter than it says.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
        let piece = rest.prefix(Int(high) << 8 | Int(low))
        rest = rest.dropFirst(piece.count)
        return piece
    }

    /// A list of one, to be put behind others.
    static func one(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)]
            + bytes
    }
}
