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
    private static func json(_ value: some Encodable) -> [UInt8] {
        (try? JSON.bytes(of: value)) ?? []
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
        let rest = Array(bytes.dropFirst())
        let question: PeerQuestion? =
            switch kind {
            case 1: Self.key(rest).map { .locate($0) }
            case 16: Self.value(rest).map { .service($0) }
            case 17: rest.isEmpty ? .health : nil
            case 32: Self.key(rest).map { .object($0) }
            case 33:
                Self.value(rest).flatMap { (query: ObjectQuery) in
                    ObjectQuery.limits.contains(query.limit) ? .objects(query) : nil
                }
            case 34: Self.key(rest).map { .remove($0, .move) }
            case 35: Self.key(rest).map { .remove($0, .evict) }
            case 48: Self.value(rest).map { .watch($0) }
            default: nil
            }
        guard let question else { return nil }
        self = question
    }

    private static func value<Value: Decodable>(_ json: [UInt8]) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(json))
    }

    private static func key(_ bytes: [UInt8]) -> ObjectKey? {
        var reader = ByteReader(bytes)
        guard let className = try? reader.text8(), let name = try? reader.text16() else {
            return nil
        }
        return ObjectKey(className: className, name: name)
    }
}
