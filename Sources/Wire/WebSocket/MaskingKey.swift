import CMask

/// The four bytes that a client's payload is XORed with, the first one highest (RFC 6455 5.3).
package struct MaskingKey: Equatable, Sendable {
    package let value: UInt32

    package init(_ value: UInt32) { self.value = value }

    /// The key for what follows `count` bytes that were masked with this one.
    package func advanced(by count: Int) -> MaskingKey {
        let shift = UInt32(truncatingIfNeeded: count & 3) * 8
        return MaskingKey(value << shift | value >> (32 - shift))
    }

    /// The key byte of the payload byte at `offset`.
    fileprivate func byte(at offset: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: value >> (24 - UInt32(truncatingIfNeeded: offset & 3) * 8))
    }
}

extension [UInt8] {
    /// Appends `bytes`, masked or unmasked with `key` (the two are the same), in one pass.
    package mutating func append(_ bytes: Span<UInt8>, masking key: MaskingKey) {
        // Otherwise the count is written into the one empty array that all threads share.
        guard !bytes.isEmpty else { return }
        append(addingCapacity: bytes.count) { added in
            unsafe added.withUnsafeMutableBufferPointer { buffer, initializedCount in
                let target = UnsafeMutableRawBufferPointer(buffer)
                unsafe bytes.withUnsafeBytes { unsafe key.apply(to: $0, into: target) }
                initializedCount = bytes.count
            }
        }
    }

    /// Puts `bytes`, masked or unmasked with `key`, in the place of as many.
    mutating func overwrite(_ bytes: Span<UInt8>, masking key: MaskingKey) {
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { unsafe key.apply(to: $0, into: target) }
        }
    }
}

extension MaskingKey {
    /// From so many bytes on it is worth a call to have them masked in blocks.
    static let blocksBytesMin = 256
    /// Whether this processor can.
    private static let masksBlocks = rookery_mask_is_quick()

    /// Writes `source` XORed with the key into `target`, which is as long and lies elsewhere.
    fileprivate func apply(
        to source: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) {
        if source.count < Self.blocksBytesMin {
            unsafe applyByWords(to: source, into: target)
        } else {
            unsafe applyByBlocks(to: source, into: target)
        }
    }

    /// Not inlined, for most of what clients say is short.
    @inline(never)
    private func applyByBlocks(
        to source: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) {
        var done = 0
        if Self.masksBlocks, let from = source.baseAddress, let to = target.baseAddress {
            done = unsafe rookery_mask(
                to.assumingMemoryBound(to: UInt8.self),
                from.assumingMemoryBound(to: UInt8.self),
                source.count,
                word
            )
        }
        unsafe applyByWords(
            to: UnsafeRawBufferPointer(rebasing: source[done...]),
            into: UnsafeMutableRawBufferPointer(rebasing: target[done...])
        )
    }

    /// The same in words of eight bytes, of which the optimiser makes vectors; the last word may overlap
    /// the one before it, which saves a loop over the odd bytes.
    @inline(__always)
    private func applyByWords(
        to source: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) {
        let count = source.count
        guard count >= 8 else {
            for offset in 0..<count { unsafe target[offset] = source[offset] ^ byte(at: offset) }
            return
        }
        let word = word
        for offset in stride(from: 0, to: count - 7, by: 8) {
            let masked = unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ word
            unsafe target.storeBytes(of: masked, toByteOffset: offset, as: UInt64.self)
        }
        let last = count - 8
        let end = unsafe source.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        let masked = end ^ advanced(by: last).word
        unsafe target.storeBytes(of: masked, toByteOffset: last, as: UInt64.self)
    }

    /// The key twice, as it lies in memory.
    private var word: UInt64 {
        let half = UInt64(value.bigEndian)
        return half << 32 | half
    }
}
