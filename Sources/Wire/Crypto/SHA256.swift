/// The hash function SHA-256 (FIPS 180-4), fed in pieces of any size.
///
/// A copy is a fork: both go on from the same point. `HMACSHA256` lives on that.
package struct SHA256: Sendable {
    package static let digestByteCount = 32
    package static let blockByteCount = 64

    private var state = CompressionState()
    /// The start of a block that is not complete yet.
    private var pending: InlineArray<64, UInt8> = .init(repeating: 0)
    private var pendingCount = 0
    private var byteCount: UInt64 = 0

    /// The hash of no bytes yet.
    package init() {}

    /// The digest of `bytes`, in one step.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }
    package static func hash(_ bytes: ArraySlice<UInt8>) -> [UInt8] { hash(bytes.span) }

    package static func hash(_ bytes: Span<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    /// Appends `bytes` to the message.
    package mutating func update(_ bytes: [UInt8]) { update(bytes.span) }
    package mutating func update(_ bytes: ArraySlice<UInt8>) { update(bytes.span) }

    package mutating func update(_ bytes: Span<UInt8>) {
        byteCount &+= UInt64(bytes.count)
        var position = 0
        if pendingCount > 0 {
            position = fill(from: bytes, at: 0)
            guard pendingCount == Self.blockByteCount else { return }
            state.absorb(pending.span)
            pendingCount = 0
        }
        while bytes.count - position >= Self.blockByteCount {
            state.absorb(bytes.extracting(position..<(position + Self.blockByteCount)))
            position += Self.blockByteCount
        }
        _ = fill(from: bytes, at: position)
    }

    /// The digest of everything so far; the hash itself stays as it is.
    package func finalize() -> [UInt8] {
        var last = self
        last.pad()
        return last.state.digest
    }

    /// Copies into `pending` what fits; returns the position after it.
    private mutating func fill(from bytes: Span<UInt8>, at start: Int) -> Int {
        var position = start
        while pendingCount < Self.blockByteCount, position < bytes.count {
            pending[pendingCount] = bytes[position]
            pendingCount += 1
            position += 1
        }
        return position
    }

    /// A one bit, zeros, and the length in bits as the last eight bytes of a block.
    private mutating func pad() {
        pending[pendingCount] = 0x80
        zeroPending(from: pendingCount + 1)
        if pendingCount >= 56 {
            state.absorb(pending.span)
            zeroPending(from: 0)
        }
        let bitCount = byteCount &* 8
        for offset in 0..<8 {
            pending[56 + offset] = UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - 8 * offset))
        }
        state.absorb(pending.span)
    }

    private mutating func zeroPending(from start: Int) {
        for position in start..<Self.blockByteCount { pending[position] = 0 }
    }
}
