package import Primitives

/// What the edges answer by themselves, without a word to the object, on all of its sockets.
///
/// | bytes | field                                            |
/// |-------|--------------------------------------------------|
/// | 4     | number                                           |
/// | 1     | number of pairs, each: request 2 + n, response 2 + n |
package struct AutoResponses: Equatable, Sendable {
    /// The pairs of one object.
    package static let countMax = 16
    /// A request, and a response, in bytes of UTF-8; as in Cloudflare's Durable Objects.
    package static let textBytesMax = 2_048
    /// All pairs of one object as they travel, for each socket keeps them.
    package static let encodedBytesMax = 16_384

    /// A text that a client sends, and the one that it is sent back.
    package struct Pair: Equatable, Sendable {
        package let request: [UInt8]
        package let response: [UInt8]

        var encodedBytes: Int { 4 + request.count + response.count }
    }

    package static let none = AutoResponses(number: 0, pairs: [])

    /// Which of its object's this is, over all instances: of two the later one has the higher.
    package let number: UInt32
    /// No request is there twice.
    package let pairs: [Pair]

    private init(number: UInt32, pairs: [Pair]) {
        self.number = number
        self.pairs = pairs
    }

    /// Refused when a limit is passed or a request is there twice.
    package init(
        _ texts: [(request: String, response: String)],
        number: UInt32
    ) throws(AutoResponseError) {
        guard texts.count <= Self.countMax else {
            throw .tooMany(count: texts.count, limit: Self.countMax)
        }
        var pairs: [Pair] = []
        for (request, response) in texts {
            let pair = Pair(request: Array(request.utf8), response: Array(response.utf8))
            let longest = max(pair.request.count, pair.response.count)
            guard longest <= Self.textBytesMax else {
                throw .textTooLong(byteCount: longest, limit: Self.textBytesMax)
            }
            guard !pairs.contains(where: { $0.request == pair.request }) else {
                throw .duplicateRequest(request)
            }
            pairs.append(pair)
        }
        let byteCount = pairs.reduce(5) { $0 + $1.encodedBytes }
        guard byteCount <= Self.encodedBytesMax else {
            throw .tooLarge(byteCount: byteCount, limit: Self.encodedBytesMax)
        }
        self.init(number: number, pairs: pairs)
    }

    /// What a client that has sent `message` is sent back; nil when the object is to have it.
    package func response(to message: WebSocketMessage) -> [UInt8]? {
        guard message.kind == .text else { return nil }
        return pairs.first { $0.request == message.payload }?.response
    }

    package func encode(to writer: inout ByteWriter) {
        writer.write(number)
        writer.write(UInt8(truncatingIfNeeded: pairs.count))
        for pair in pairs {
            writer.write(UInt16(truncatingIfNeeded: pair.request.count))
            writer.write(pair.request.span)
            writer.write(UInt16(truncatingIfNeeded: pair.response.count))
            writer.write(pair.response.span)
        }
    }

    package init(from reader: inout ByteReader) throws(ByteError) {
        let number = try reader.uint32()
        let count = Int(try reader.uint8())
        guard count <= Self.countMax else { throw .tooLong(length: count, limit: Self.countMax) }
        var texts: [(request: String, response: String)] = []
        for _ in 0..<count {
            let request = try reader.text16(limit: Self.textBytesMax)
            texts.append((request, try reader.text16(limit: Self.textBytesMax)))
        }
        guard let checked = try? AutoResponses(texts, number: number) else {
            throw .invalidValue
        }
        self = checked
    }
}

/// Why an object may not have such automatic responses.
public enum AutoResponseError: Error, Equatable, Sendable {
    case tooMany(count: Int, limit: Int)
    /// In bytes of UTF-8.
    case textTooLong(byteCount: Int, limit: Int)
    /// All of them together, in bytes, four more for each.
    case tooLarge(byteCount: Int, limit: Int)
    case duplicateRequest(String)
}
