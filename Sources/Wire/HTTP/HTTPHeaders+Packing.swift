package import Primitives

// How fields are kept where they are kept for long: those that all clients send take a byte each.
extension HTTPHeaders {
    /// Stands in front of a field that is not among the common ones.
    private static let uncommon: UInt8 = 0

    /// Appends all fields as `init(packed:)` reads them; for memory, and never for another process.
    package func pack(into writer: inout ByteWriter) {
        let common = CommonFields.all
        writer.writePacked(count)
        forEachPlace { place in
            let (name, value) = (
                bytes.span.extracting(place.name), bytes.span.extracting(place.value)
            )
            guard let index = common.index(of: name, value) else {
                writer.write(Self.uncommon)
                writer.writePacked(name)
                return writer.writePacked(value)
            }
            writer.write(UInt8(index + 1))
            if common.entries[index].value == nil { writer.writePacked(value) }
        }
    }

    private mutating func append(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        append(name: name.span, value: value.span)
    }

    package init(packed reader: inout ByteReader) throws(ByteError) {
        let common = CommonFields.all
        self.init()
        reserveForHead()
        for _ in 0..<(try reader.packedLength()) {
            let number = Int(try reader.uint8())
            guard number <= common.entries.count else { throw .invalidValue }
            guard number > 0 else {
                let name = try reader.packed()
                append(name: name, value: try reader.packed())
                continue
            }
            let entry = common.entries[number - 1]
            let value =
                if let known = entry.value { common.text[known] } else { try reader.packed() }
            append(name: common.text[entry.name], value: value)
        }
    }
}

// Lengths that are small nearly always.
extension ByteWriter {
    private static let longLength: UInt8 = 255

    /// Appends a length in one byte, if it is below 255, and else in nine.
    package mutating func writePacked(_ length: Int) {
        if let short = UInt8(exactly: length), short < Self.longLength { return write(short) }
        write(Self.longLength)
        write(UInt64(length))
    }

    /// Appends bytes behind their length.
    package mutating func writePacked(_ bytes: Span<UInt8>) {
        writePacked(bytes.count)
        write(bytes)
    }
}

extension ByteReader {
    /// A length as `writePacked` has written it.
    package mutating func packedLength() throws(ByteError) -> Int {
        let short = try uint8()
        guard short == .max else { return Int(short) }
        guard let long = Int(exactly: try uint64()) else { throw .invalidValue }
        return long
    }

    /// Bytes behind their length, uncopied.
    package mutating func packed() throws(ByteError) -> ArraySlice<UInt8> {
        try slice(count: packedLength(), limit: .max)
    }
}
