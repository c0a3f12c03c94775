/// Appends big-endian fields to an array of bytes.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(reservingCapacity capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Appends to `bytes`; to do so in place, let go of them before the first write.
    package init(continuing bytes: [UInt8]) { self.bytes = bytes }

    package var count: Int { bytes.count }

    package mutating func write(_ value: UInt8) { bytes.append(value) }
    package mutating func write(_ value: UInt16) { append(value) }
    package mutating func write(_ value: UInt32) { append(value) }
    package mutating func write(_ value: UInt64) { append(value) }

    /// In one piece, for the headers of frames.
    package mutating func write(_ value: UInt128) {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// The header of a frame and what is behind it, in one step.
    package mutating func write(_ head: UInt128, _ rest: Span<UInt8>) {
        bytes.append(ShortBytes(head), rest)
    }

    package mutating func write(_ head: ShortBytes) { bytes.append(head, [UInt8]().span) }

    /// Makes room for so many bytes, if nothing is written yet.
    package mutating func reserveAtStart(_ capacity: Int) {
        if bytes.capacity == 0 { bytes.reserveCapacity(capacity) }
    }

    private mutating func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        var shift = Value.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            shift -= 8
        }
    }

    package mutating func write(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    package mutating func write(_ other: some Sequence<UInt8>) { bytes.append(contentsOf: other) }

    /// Appends the bytes as they are.
    package mutating func write(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { buffer in
            unsafe bytes.append(contentsOf: buffer)
        }
    }

    /// A text with its length in one byte in front.
    ///
    /// Longer than 255 bytes is our own bug.
    package mutating func writeText8(_ text: String) {
        precondition(text.utf8.count <= 255, "text of \(text.utf8.count) bytes in an 8-bit field")
        write(UInt8(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A text with its length in two bytes in front.
    ///
    /// Longer than 65,535 bytes is our own bug.
    package mutating func writeText16(_ text: String) {
        precondition(text.utf8.count <= 65_535, "text of \(text.utf8.count) bytes in 16 bits")
        write(UInt16(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Takes the bytes out and leaves the writer empty.
    package mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }
}
