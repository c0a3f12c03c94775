/// Why bytes could not be read as what they should be.
package enum ByteError: Error, Equatable, Sendable {
    /// The bytes end before the value does.
    case truncated
    /// A text is not valid UTF-8.
    case invalidText
    /// A length is above what its field allows.
    case tooLong(length: Int, limit: Int)
    /// A value that this field cannot have.
    case invalidValue
    /// Bytes are left after the last field.
    case trailing(count: Int)
}

/// Reads big-endian fields from a peer's bytes, checking the bounds of each.
///
/// Nothing here can trap, and nothing is allocated before its length was compared with both the
/// limit of the field and the bytes that are really there.
package struct ByteReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    package var remaining: Int { bytes.endIndex - position }
    package var isAtEnd: Bool { position == bytes.endIndex }

    /// The next byte; integers of more bytes are big-endian.
    package mutating func uint8() throws(ByteError) -> UInt8 {
        guard remaining >= 1 else { throw .truncated }
        position += 1
        return bytes[position - 1]
    }

    package mutating func uint16() throws(ByteError) -> UInt16 { try integer() }
    package mutating func uint32() throws(ByteError) -> UInt32 { try integer() }
    package mutating func uint64() throws(ByteError) -> UInt64 { try integer() }

    private mutating func integer<Value: FixedWidthInteger>() throws(ByteError) -> Value {
        let width = Value.bitWidth / 8
        guard remaining >= width else { throw .truncated }
        var value: Value = 0
        for offset in position..<(position + width) {
            value = value << 8 | Value(bytes[offset])
        }
        position += width
        return value
    }

    /// The next `count` bytes, uncopied; `count` must be at most `limit`.
    package mutating func slice(count: Int, limit: Int) throws(ByteError) -> ArraySlice<UInt8> {
        guard count <= limit else { throw .tooLong(length: count, limit: limit) }
        guard count >= 0, remaining >= count else { throw .truncated }
        let start = position
        position += count
        return bytes[start..<position]
    }

    /// The next `count` bytes as an array; `count` must be at most `limit`.
    package mutating func array(count: Int, limit: Int) throws(ByteError) -> [UInt8] {
        [UInt8](try slice(count: count, limit: limit))
    }

    /// Every byte that is left.
    package mutating func rest() -> [UInt8] {
        let start = position
        position = bytes.endIndex
        return [UInt8](bytes[start...])
    }

    /// A text of `count` bytes of valid UTF-8.
    package mutating func text(count: Int, limit: Int) throws(ByteError) -> String {
        let array = try array(count: count, limit: limit)
        guard let text = String(validating: array, as: UTF8.self) else { throw .invalidText }
        return text
    }

    /// A text with its length in front, one byte (`text8`) or two (`text16`).
    package mutating func text8() throws(ByteError) -> String {
        try text(count: Int(uint8()), limit: 255)
    }

    /// A text behind its length as u16, at most `limit` bytes of UTF-8.
    package mutating func text16(limit: Int = 65_535) throws(ByteError) -> String {
        try text(count: Int(uint16()), limit: limit)
    }

    /// Ends the reading: every byte must have been read.
    package func finish() throws(ByteError) {
        guard isAtEnd else { throw .trailing(count: remaining) }
    }
}

extension [UInt8] {
    /// An array with the bytes of `span`.
    package init(copying span: Span<UInt8>) {
        // Otherwise the count is written into the one empty array that all threads share.
        guard !span.isEmpty else {
            self = []
            return
        }
        // To fill one that is not initialised takes twice as long: the standard library does that
        // without knowing its elements.
        self = unsafe span.withUnsafeBufferPointer { source in unsafe [UInt8](source) }
    }

    /// Appends the bytes of `span`.
    package mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { source in
            unsafe append(contentsOf: source)
        }
    }
}
