/// The fields of a message head, in order, under names without regard to case (RFC 9110 section 5).
///
/// Whatever is put in, a value of this type can be written without breaking the framing of a
/// message: a name is a token and a value has no line break. The bytes of all fields are in one
/// array, so that a head costs two allocations; a `String` is made only of what is asked for.
public struct HTTPHeaders: Sendable {
    /// One field as text, for those who want to see all of them.
    public struct Field: Equatable, Sendable {
        public let name: String
        public let value: String
    }

    /// Small, for a node holds those of each client.
    private struct Place: Sendable {
        private let start: UInt32
        private let middle: UInt32
        private let end: UInt32

        /// Nil past 4 GiB.
        init?(_ start: Int, _ middle: Int, _ end: Int) {
            guard let end = UInt32(exactly: end) else { return nil }
            self.start = UInt32(clamping: start)
            self.middle = UInt32(clamping: middle)
            self.end = end
        }

        var name: Range<Int> { Int(start)..<Int(middle) }
        var value: Range<Int> { Int(middle)..<Int(end) }
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []

    /// No fields.
    public init() {}

    public var count: Int { places.count }
    public var isEmpty: Bool { places.isEmpty }

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
    public func contains(_ name: String) -> Bool { places.contains { matches($0, name) } }

    /// The value of the first field called `name`.
    public func first(_ name: String) -> String? {
        guard let place = places.first(where: { matches($0, name) }) else { return nil }
        return HTTPCharacters.text(bytes[place.value])
    }

    /// The values of all fields called `name`, in order.
    public func all(_ name: String) -> [String] {
        places.filter { matches($0, name) }.map { HTTPCharacters.text(bytes[$0.value]) }
    }

    /// The elements of the comma-separated lists in all fields called `name`.
    ///
    /// Blanks around an element and empty elements are dropped (RFC 9110 section 5.6.1). A comma in
    /// a quoted string is taken for a separator, so this is for lists of tokens.
    public func list(_ name: String) -> [String] {
        places.filter { matches($0, name) }.flatMap(elements).map(HTTPCharacters.text)
    }

    /// True when `token` is an element of the lists called `name`, in any case.
    public func listed(_ token: String, in name: String) -> Bool {
        places.contains { place in
            matches(place, name)
                && elements(of: place).contains { HTTPCharacters.equal($0, token.utf8) }
        }
    }

    /// Appends a field and keeps those of the same name.
    ///
    /// Nothing is added under a `name` that is not a token. A control character in `value`, a line
    /// break above all, becomes a space (RFC 9110 section 5.5).
    public mutating func add(_ name: String, _ value: String) {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPCharacters.isToken) else { return }
        append(
            name: name.utf8,
            value: value.utf8.map {
                HTTPCharacters.isFieldValue($0) ? $0 : HTTPCharacters.space
            }
        )
    }

    /// Puts one field in the place of all fields called `name`, at the end.
    public mutating func set(_ name: String, _ value: String) {
        remove(name)
        add(name, value)
    }

    /// Removes all fields called `name`; their bytes stay in memory as long as the rest.
    public mutating func remove(_ name: String) {
        places = places.filter { !matches($0, name) }
    }
}

extension HTTPHeaders {
    /// The same in no more memory than it takes, for who keeps it.
    package var compacted: HTTPHeaders {
        var compacted = HTTPHeaders()
        compacted.bytes.reserveCapacity(places.reduce(0) { $0 + $1.name.count + $1.value.count })
        compacted.places.reserveCapacity(places.count)
        for place in places {
            compacted.append(name: bytes[place.name], value: bytes[place.value])
        }
        return compacted
    }

    /// Room for the head of a usual request, so that it grows once.
    mutating func reserveForHead() {
        bytes.reserveCapacity(512)
        places.reserveCapacity(16)
    }

    /// Appends what has been checked already.
    mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let start = bytes.count
        bytes.append(contentsOf: name)
        let middle = bytes.count
        bytes.append(contentsOf: value)
        // No head that is read has so many bytes; of one that is made, the field is left out.
        if let place = Place(start, middle, bytes.count) { places.append(place) }
    }

    /// How many fields are called `name`, and the value of the first as it was sent.
    func occurrences(_ name: String) -> (count: Int, first: ArraySlice<UInt8>?) {
        var count = 0
        var first: ArraySlice<UInt8>?
        for place in places where matches(place, name) {
            if count == 0 { first = bytes[place.value] }
            count += 1
        }
        return (count, first)
    }

    /// Writes `name: value` lines for every field whose name is not in `excluded`.
    func write(to output: inout [UInt8], excluding excluded: [String]) {
        for place in places where !excluded.contains(where: { matches(place, $0) }) {
            output.append(contentsOf: bytes[place.name])
            output.append(HTTPCharacters.colon)
            output.append(HTTPCharacters.space)
            output.append(contentsOf: bytes[place.value])
            output.append(HTTPCharacters.carriageReturn)
            output.append(HTTPCharacters.lineFeed)
        }
    }

    private func elements(of place: Place) -> [ArraySlice<UInt8>] {
        bytes[place.value].split(separator: HTTPCharacters.comma)
            .map(HTTPCharacters.trimmed)
            .filter { !$0.isEmpty }
    }

    private func matches(_ place: Place, _ name: String) -> Bool {
        place.name.count == name.utf8.count && HTTPCharacters.equal(bytes[place.name], name.utf8)
    }
}

extension HTTPHeaders: Equatable {
    /// The same names and values in the same order; the case of a name does not matter.
    public static func == (first: HTTPHeaders, second: HTTPHeaders) -> Bool {
        first.count == second.count
            && zip(first.places, second.places).allSatisfy { one, other in
                HTTPCharacters.equal(first.bytes[one.name], second.bytes[other.name])
                    && first.bytes[one.value] == second.bytes[other.value]
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
