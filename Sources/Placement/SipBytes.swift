/// Bytes that are hashed, read in words that are little-endian, as the paper has it.
///
/// `@safe`: it lives within one call that was lent the bytes, and each load is of bytes that the
/// caller or the line before has seen to be there.
@safe
struct SipBytes {
    private let base: UnsafeRawBufferPointer

    @inline(__always)
    init(_ base: UnsafeRawBufferPointer) { unsafe self.base = base }

    @inline(__always)
    var count: Int { unsafe base.count }

    /// Eight bytes, of which the caller has seen that they are there.
    @inline(__always)
    func word(at position: Int) -> UInt64 {
        unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// All bytes, where there are fewer than eight: two loads that may overlap.
    @inline(__always)
    var few: UInt64 {
        guard count >= 4 else { return fewer }
        let last = count &- 4
        let low = unsafe base.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
        let high = unsafe base.loadUnaligned(fromByteOffset: last, as: UInt32.self)
        return UInt64(UInt32(littleEndian: low))
            | UInt64(UInt32(littleEndian: high)) &<< UInt64(truncatingIfNeeded: last &* 8)
    }

    /// All bytes, where there are fewer than four: the first, the middle and the last one.
    @inline(__always)
    private var fewer: UInt64 {
        guard count > 0 else { return 0 }
        let (middle, last) = (count / 2, count &- 1)
        return unsafe UInt64(base[0])
            | UInt64(base[middle]) &<< UInt64(truncatingIfNeeded: middle &* 8)
            | UInt64(base[last]) &<< UInt64(truncatingIfNeeded: last &* 8)
    }
}

extension String {
    /// Calls `body` with the text's bytes in UTF-8.
    ///
    /// Of the ways to them the only one that is inlined whole; the other is for what is not UTF-8,
    /// which no string of Linux is.
    @inline(__always)
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        unsafe utf8.withContiguousStorageIfAvailable { unsafe body($0.span) }
            ?? body(utf8Span.span)
    }
}
