package import Primitives
import Wire

/// Which objects are listed, and in which order.
package struct ObjectQuery: Codable, Equatable, Sendable {
    /// What is first.
    package enum Sort: String, Codable, CaseIterable, Sendable {
        /// By class and name, page after page.
        case name
        /// Those with the most first; there is one page of them.
        case messages, cpu, sessions
    }

    package static let limits = 1...1_000
    package static let limitNormal = 100

    package var className: String?
    /// What the names begin with.
    package var prefix: String?
    package var limit = Self.limitNormal
    package var sort = Sort.name
    /// Only what comes behind this object in the order of names.
    package var after: ObjectCursor?

    package init() {}
}

/// A place in the order of all objects: that behind one of them, whether it is there or not.
package struct ObjectCursor: Codable, Equatable, Sendable {
    package let className: String
    package let name: String

    package init(behind key: ObjectKey) { (className, name) = (key.className, key.name) }

    package var key: ObjectKey? { ObjectKey(className: className, name: name) }

    /// The text of a cursor, of which nobody needs to know what it says.
    package var text: String {
        var writer = ByteWriter()
        writer.write(Self.version)
        writer.writeText8(className)
        writer.writeText16(name)
        return Base64URL.encode(writer.take())
    }

    /// Nil for a text that is no cursor.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.textBytesMax, let bytes = Base64URL.decode(text) else {
            return nil
        }
        var reader = ByteReader(bytes)
        guard let version = try? reader.uint8(), version == Self.version,
            let className = try? reader.text8(), let name = try? reader.text16(),
            (try? reader.finish()) != nil,
            let key = ObjectKey(className: className, name: name)
        else { return nil }
        self.init(behind: key)
    }

    private static let version: UInt8 = 1
    /// More than the longest class and name need.
    private static let textBytesMax = 2_048
}

// MARK: - In the target of a request

extension ObjectQuery {
    package static let path = "/cluster/objects"

    /// What a request asks for.
    init(_ target: RequestTarget) throws(AdminRefusal) {
        self.init()
        guard target.hasDecodableQuery else {
            throw .badRequest("expected a query of percent-encoded UTF-8")
        }
        className = target.queryValue("class")
        prefix = target.queryValue("prefix")
        guard (prefix ?? "").utf8.count <= ObjectKey.nameByteCountMax else {
            throw .badRequest("expected a prefix of at most \(ObjectKey.nameByteCountMax) bytes")
        }
        if let text = target.queryValue("limit") {
            guard let limit = Int(text), Self.limits.contains(limit) else {
                throw .badRequest("expected a limit from 1 to \(Self.limits.upperBound)")
            }
            self.limit = limit
        }
        if let text = target.queryValue("sort") {
            guard let sort = Sort(rawValue: text) else {
                let words = Sort.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badRequest("expected sort to be one of \(words)")
            }
            self.sort = sort
        }
        guard let text = target.queryValue("cursor") else { return }
        guard sort == .name else { throw .badRequest("a cursor needs sort=name") }
        guard let cursor = ObjectCursor(text) else {
            throw .badRequest("expected a cursor that an answer had as next")
        }
        after = cursor
    }

    /// The path and query that ask for this.
    package var target: String {
        var parameters = ["limit=\(limit)", "sort=\(sort.rawValue)"]
        if let className { parameters.append("class=\(PercentEncoding.encode(className))") }
        if let prefix { parameters.append("prefix=\(PercentEncoding.encode(prefix))") }
        if let after { parameters.append("cursor=\(after.text)") }
        return "\(Self.path)?\(parameters.joined(separator: "&"))"
    }
}
