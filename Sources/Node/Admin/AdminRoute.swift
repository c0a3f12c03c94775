import Primitives
import Wire

/// A resource of the admin side.
enum AdminRoute: Equatable {
    case live
    case ready
    case startup
    case status
    case metrics
    case locate(ObjectKey)
    case objects
    case object(ObjectKey)
    case remove(ObjectKey, ObjectRemoval.Manner)
    case members
    case member(String)
    case openAPI
    case console
    case events
    case partitions
    case leave
    case weight
    case recover
    case drain
    case cordon

    /// The resource that `target` names.
    init(_ target: RequestTarget) throws(AdminRefusal) {
        let segments = target.segments
        switch segments {
        case ["live"]: self = .live
        case ["ready"]: self = .ready
        case ["startup"]: self = .startup
        case ["metrics"]: self = .metrics
        case ["openapi.json"]: self = .openAPI
        case [""] where target.path == "/": self = .console
        case ["cluster", "events"]: self = .events
        case ["cluster", "partitions"]: self = .partitions
        case ["cluster", "status"]: self = .status
        case ["cluster", "leave"]: self = .leave
        case ["cluster", "weight"]: self = .weight
        case ["cluster", "recover"]: self = .recover
        case ["cluster", "drain"]: self = .drain
        case ["cluster", "cordon"]: self = .cordon
        case _ where segments.count == 4 && segments.starts(with: ["cluster", "locate"]):
            self = .locate(try Self.key(segments[2], segments[3]))
        default:
            let objects = try Self.ofObjects(segments)
            let members = try Self.ofMembers(segments)
            guard let route = objects ?? members else {
                throw .noSuchResource("no such resource: \(target.path)")
            }
            self = route
        }
    }

    static func key(
        _ className: Substring,
        _ name: Substring
    ) throws(AdminRefusal) -> ObjectKey {
        guard let className = PercentEncoding.decode(className),
            let name = PercentEncoding.decode(name),
            let key = ObjectKey(className: className, name: name)
        else {
            throw .badRequest(
                "expected a class and a name of 1 to \(ObjectKey.nameByteCountMax) bytes of"
                    + " percent-encoded UTF-8"
            )
        }
        return key
    }

    var methods: [HTTPMethod] {
        switch self {
        case .live, .ready, .startup, .status, .metrics, .locate, .objects, .object, .members,
            .member, .openAPI, .console, .events, .partitions:
            [.get, .head]
        case .leave, .weight: [.get, .head, .post]
        case .recover, .remove: [.post]
        case .drain, .cordon: [.get, .head, .post, .delete]
        }
    }

    /// Whether a node lives is asked by machines that hold no token, and tells nothing else; the
    /// page of the console asks for the token itself, and has nothing of the cluster in it.
    var isPublic: Bool {
        switch self {
        case .live, .ready, .startup, .console: true
        case .status, .metrics, .locate, .objects, .object, .remove, .members, .member, .openAPI,
            .events, .partitions, .leave, .weight, .recover, .drain, .cordon:
            false
        }
    }
}
