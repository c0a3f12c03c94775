import Primitives

/// The fields of a message head, in order, under names without regard to case (RFC 9110 section 5).
///
/// Whatever is put in, a value of this type can be written without breaking the framing of a
/// message: a name is a token and a value has no line break. All fields are in one array of bytes,
/// so that a head costs one allocation; a `String` is made only of what is asked for.
public struct HTTPHeaders: Sendable {
    /// One field as text, for those who want to see all of them.
    public struct Field: Equatable, Sendable {
        public let name: String
        public let value: String
    }

    /// Where the name and the value of a field are.
    struct Place {
        /// Of a field: how long its name is and how long its value, in four bytes each, before both.
        static let headerBytes = 8

        let name: Range<Int>
        let value: Range<Int>
    }

    private(set) var bytes: [UInt8] = []
    public private(set) var count = 0
    /// A bit for each name that there is: most of what is looked for is not there.
    private var nameBits: UInt64 = 0
    /// Those of more than one name, or of one that comes again.
    private var repeatedBits: UInt64 = 0

    /// No fields.
    public init() {}

    public var isEmpty: Bool { count == 0 }

    /// Every field, in the order of the message.
    public var fields: [Field] {
        places.map { place in
            Field(
                name: HTTPCharacters.text(bytes[place.name]),
                value: HTTPCharacters.text(bytes[place.value])
            )
        }
    }

    /// True when there is a field called `name`, whatever its value.
    public func contains(_ name: String) -> Bool { next(name, from: 0) != nil }

    /// The value of the first field called `name`.
    public func first(_ name: String) -> String? {
        next(name, from: 0).map { HTTPCharacters.text(bytes[$0.value]) }
    }

    /// The values of all fields called `name`, in order.
    public func all(_ name: String) -> [String] {
        var values: [String] = []
        forEach(name) { values.append(HTTPCharacters.text(bytes[$0.value])) }
        return values
    }

    /// The elements of the comma-separated lists in all fields called `name`.
    ///
    /// Blanks around an element and empty elements are dropped (RFC 9110 section 5.6.1). A comma in
    /// a quoted string is taken for a separator, so this is for lists of tokens.
    public func list(_ name: String) -> [String] {
        var list: [String] = []
        forEach(name) { list += elements(of: $0).map(HTTPCharacters.text) }
        return list
    }

    /// True when `token` is an element of the lists called `name`, in any case.
    public func listed(_ token: String, in name: String) -> Bool {
        var place = next(name, from: 0)
        while let found = place {
            if isListed(token, found) { return true }
            place = next(name, from: found.value.upperBound)
        }
        return false
    }

    /// Appends a field and keeps those of the same name.
    ///
    /// Nothing is added under a `name` that is not a token. A control character in `value`, a line
    /// break above all, becomes a space (RFC 9110 section 5.5).
    public mutating func add(_ name: String, _ value: String) {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPCharacters.isToken) else { return }
        let text = value.utf8.map {
            HTTPCharacters.isFieldValue($0) ? $0 : HTTPCharacters.space
        }
        append(name: name.utf8Span.span, value: text.span)
    }

    /// Puts one field in the place of all fields called `name`, at the end.
    public mutating func set(_ name: String, _ value: String) {
        remove(name)
        add(name, value)
    }

    /// Removes all fields called `name`.
    public mutating func remove(_ name: String) {
        guard contains(name) else { return }
        let former = self
        self = HTTPHeaders()
        for place in former.places where !former.matches(place.name, name) {
            append(
                name: former.bytes.span.extracting(place.name),
                value: former.bytes.span.extracting(place.value)
            )
        }
    }
}

extension HTTPHeaders {
    /// Room for the head of a usual request, so that it grows once.
    mutating func reserveForHead() { bytes.reserveCapacity(512) }

    /// Appends what has been checked already.
    mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        // No head that is read has so many bytes; of one that is made, the field is left out.
        guard let nameCount = UInt32(exactly: name.count),
            let valueCount = UInt32(exactly: value.count)
        else { return }
        let lengths = (UInt64(valueCount) << 32 | UInt64(nameCount)).littleEndian
        unsafe withUnsafeBytes(of: lengths) { unsafe bytes.append(contentsOf: $0) }
        if !name.isEmpty {
            let bit = Self.bit(name[0], count: name.count)
            repeatedBits |= nameBits & bit
            nameBits |= bit
        }
        bytes.append(copying: name)
        bytes.append(copying: value)
        count += 1
    }

    /// How many fields are called `name`, and the value of the first as it was sent.
    func occurrences(_ name: String) -> (count: Int, first: ArraySlice<UInt8>?) {
        guard let first = next(name, from: 0) else { return (0, nil) }
        var (count, last) = (1, first)
        while let place = next(name, from: last.value.upperBound) {
            count += 1
            last = place
        }
        return (count, bytes[first.value])
    }

    /// Writes `name: value` lines for every field whose name is not in `excluded`.
    func write(to output: inout [UInt8], excluding excluded: [String]) {
        guard !isEmpty else { return }
        for place in places where !excluded.contains(where: { matches(place.name, $0) }) {
            output.append(contentsOf: bytes[place.name])
            output.append(HTTPCharacters.colon)
            output.append(HTTPCharacters.space)
            output.append(contentsOf: bytes[place.value])
            output.append(HTTPCharacters.carriageReturn)
            output.append(HTTPCharacters.lineFeed)
        }
    }
}

// MARK: - How fields are found

extension HTTPHeaders {
    private var places: [Place] {
        var places: [Place] = []
        places.reserveCapacity(count)
        forEachPlace { places.append($0) }
        return places
    }

    /// The same without a list of them.
    func forEachPlace(_ body: (Place) -> Void) {
        var position = 0
        while let place = place(at: position) {
            body(place)
            position = place.value.upperBound
        }
    }

    /// The field that begins there; nil at the end.
    private func place(at position: Int) -> Place? {
        guard position < bytes.count else { return nil }
        // Little-endian, as `append` has written it.
        let word = unsafe bytes.span.bytes.unsafeLoadUnaligned(
            fromByteOffset: position,
            as: UInt64.self
        )
        let lengths = UInt64(littleEndian: word)
        let start = position + Place.headerBytes
        let middle = start + Int(lengths & 0xFFFF_FFFF)
        return Place(name: start..<middle, value: middle..<(middle + Int(lengths >> 32)))
    }

    /// The first field called `name` that begins at `position` or behind it.
    private func next(_ name: borrowing String, from position: Int) -> Place? {
        let wanted = name.utf8Span.span
        // Behind a field that was found there is none but of a name that comes again.
        let bits = position > 0 ? repeatedBits : nameBits
        guard !wanted.isEmpty, bits & Self.bit(wanted[0], count: wanted.count) != 0
        else { return nil }
        var position = position
        while let place = place(at: position) {
            if place.name.count == wanted.count,
                HTTPCharacters.equal(bytes.span.extracting(place.name), wanted)
            {
                return place
            }
            position = place.value.upperBound
        }
        return nil
    }

    /// The same for a name in any case.
    private static func bit(_ first: UInt8, count: Int) -> UInt64 {
        1 << ((UInt64(first | 0x20) &+ UInt64(truncatingIfNeeded: count) &* 5) & 63)
    }

    private func forEach(_ name: String, _ body: (Place) -> Void) {
        var place = next(name, from: 0)
        while let found = place {
            body(found)
            place = next(name, from: found.value.upperBound)
        }
    }

    private func matches(_ range: Range<Int>, _ name: borrowing String) -> Bool {
        HTTPCharacters.equal(bytes.span.extracting(range), name.utf8Span.span)
    }

    private func elements(of place: Place) -> [ArraySlice<UInt8>] {
        bytes[place.value].split(separator: HTTPCharacters.comma)
            .map(HTTPCharacters.trimmed)
            .filter { !$0.isEmpty }
    }

    /// The same as a look for `token` among the elements, without a list of them.
    private func isListed(_ token: borrowing String, _ place: Place) -> Bool {
        let (value, wanted) = (bytes.span.extracting(place.value), token.utf8Span.span)
        guard !wanted.isEmpty else { return false }
        var start = 0
        while start < value.count {
            var end = start
            while end < value.count, value[end] != HTTPCharacters.comma { end += 1 }
            let element = HTTPCharacters.trimmed(value, start..<end)
            if HTTPCharacters.equal(value.extracting(element), wanted) { return true }
            start = end + 1
        }
        return false
    }
}

extension HTTPHeaders: Equatable {
    /// The same names and values in the same order; the case of a name does not matter.
    public static func == (first: HTTPHeaders, second: HTTPHeaders) -> Bool {
        first.count == second.count
            && zip(first.places, second.places).allSatisfy { one, other in
                HTTPCharacters.equal(
                    first.bytes.span.extracting(one.name),
                    second.bytes.span.extracting(other.name)
                ) && first.bytes[one.value] == second.bytes[other.value]
            }
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// Keeps the order of the literal, and a name that comes twice.
    public init(dictionaryLiteral fields: (String, String)...) {
        for (name, value) in fields { add(name, value) }
    }
}

extension HTTPHeaders: CustomStringConvertible {
    public var description: String {
        fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
    }
}
