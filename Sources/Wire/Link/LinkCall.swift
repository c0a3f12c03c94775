package import Primitives

/// What comes with a request that an object has made, or that is a typed call.
package struct LinkCall: Equatable, Sendable {
    /// Objects that wait for each other in a row; a longer one is refused.
    package static let chainCountMax = 16
    /// The name of a typed call, in UTF-8.
    package static let nameByteCountMax = 128

    /// The name of a typed call; nil for a request.
    package let name: String?
    /// The objects that wait for the answer, the first one first.
    package let chain: [ObjectKey]

    package static let none = LinkCall(name: nil, chain: [])

    package init(name: String?, chain: [ObjectKey]) {
        self.name = name
        self.chain = chain
    }

    /// The length of the name in one byte, zero for none, and the name; the number of objects in one
    /// byte, and each with its class and its name.
    func encode(to writer: inout ByteWriter) {
        writer.writeText8(name ?? "")
        writer.write(UInt8(truncatingIfNeeded: chain.count))
        for key in chain {
            writer.writeText8(key.className)
            writer.writeText16(key.name)
        }
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        let name = try reader.text8()
        let length = name.utf8.count
        guard length <= Self.nameByteCountMax else {
            throw .tooLong(length: length, limit: Self.nameByteCountMax)
        }
        let count = Int(try reader.uint8())
        guard count <= Self.chainCountMax else {
            throw .tooLong(length: count, limit: Self.chainCountMax)
        }
        var chain: [ObjectKey] = []
        for _ in 0..<count {
            let className = try reader.text8()
            guard let key = ObjectKey(className: className, name: try reader.text16()) else {
                throw .invalidValue
            }
            chain.append(key)
        }
        self.init(name: name.isEmpty ? nil : name, chain: chain)
    }

    /// What it takes in a head.
    var encodedByteCount: Int {
        guard self != .none else { return 0 }
        return chain.reduce(2 + (name?.utf8.count ?? 0)) {
            $0 + 3 + $1.className.utf8.count + $1.name.utf8.count
        }
    }
}
