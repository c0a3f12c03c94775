import Foundation
import Primitives

/// What one node asks another for its operator.
enum PeerQuestion: Equatable {
    /// What the node counts: the JSON of `NodeReport.Figures`.
    case figures
    /// What the node knows of an object that it owns: the JSON of `ObjectLocation`.
    case locate(ObjectKey)
    /// The same and more: the JSON of `ObjectReport`.
    case object(ObjectKey)
    /// Those of its objects that a query names: an encoded `ObjectPage`.
    case objects(ObjectQuery)
    /// An instance is to go: the JSON of `ObjectRemoval`.
    case remove(ObjectKey, ObjectRemoval.Manner)
    /// What the node is to do about its service: the JSON of `ServiceAnswer`.
    case service(ServiceRequest)
    /// Whether all is well with the node itself: the JSON of `PeerHealth`.
    case health
    /// Where the node stands, and what has happened to it: the JSON of `WatchAnswer`.
    case watch(WatchQuery)

    /// Nothing, or its kind and what that needs; so later versions can ask for more.
    var encoded: [UInt8] {
        switch self {
        case .figures: []
        case .locate(let key): Self.encoded(1, key)
        case .service(let request): [16] + Self.json(request)
        case .health: [17]
        case .object(let key): Self.encoded(32, key)
        case .objects(let query): [33] + Self.json(query)
        case .remove(let key, .move): Self.encoded(34, key)
        case .remove(let key, .evict): Self.encoded(35, key)
        case .watch(let query): [48] + Self.json(query)
        }
    }

    /// In order, so that the same question is the same bytes.
    private static func json(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(value)) ?? Data()
    }

    /// The kind, the class and the name.
    private static func encoded(_ kind: UInt8, _ key: ObjectKey) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(kind)
        writer.writeText8(key.className)
        writer.writeText16(key.name)
        return writer.take()
    }

    /// Nil for a question that this version does not know.
    init?(_ bytes: [UInt8]) {
        guard let kind = bytes.first else {
            self = .figures
            return
        }
        if kind == 33 {
            let query = try? JSONDecoder().decode(ObjectQuery.self, from: Data(bytes.dropFirst()))
            guard let query, ObjectQuery.limits.contains(query.limit) else { return nil }
            self = .objects(query)
            return
        }
        if kind == 16 {
            let json = Data(bytes.dropFirst())
            guard let request = try? JSONDecoder().decode(ServiceRequest.self, from: json) else {
                return nil
            }
            self = .service(request)
            return
        }
        if bytes == [17] {
            self = .health
            return
        }
        if kind == 48 {
            let query = try? JSONDecoder().decode(WatchQuery.self, from: Data(bytes.dropFirst()))
            guard let query else { return nil }
            self = .watch(query)
            return
        }
        guard let key = Self.key(bytes) else { return nil }
        switch kind {
        case 1: self = .locate(key)
        case 32: self = .object(key)
        case 34: self = .remove(key, .move)
        case 35: self = .remove(key, .evict)
        default: return nil
        }
    }

    private static func key(_ bytes: [UInt8]) -> ObjectKey? {
        var reader = ByteReader(Array(bytes.dropFirst()))
        guard let className = try? reader.text8(), let name = try? reader.text16() else {
            return nil
        }
        return ObjectKey(className: className, name: name)
    }
}
