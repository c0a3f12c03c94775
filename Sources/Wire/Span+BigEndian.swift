extension Span<UInt8> {
    /// The number at `offset`, whose bytes must be there: loaded in one piece, behind one look at that.
    @inline(__always)
    func bigEndian<Field: FixedWidthInteger & BitwiseCopyable>(
        _ type: Field.Type,
        at offset: Int
    ) -> Field {
        unsafe Field(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    @inline(__always)
    func uint16(at offset: Int) -> UInt16 { bigEndian(UInt16.self, at: offset) }

    @inline(__always)
    func uint32(at offset: Int) -> UInt32 { bigEndian(UInt32.self, at: offset) }

    @inline(__always)
    func uint64(at offset: Int) -> UInt64 { bigEndian(UInt64.self, at: offset) }
}
