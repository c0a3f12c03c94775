import Primitives
import Wire

// The resources of objects and of members.
extension AdminRoute {
    static func ofObjects(_ segments: [Substring]) throws(AdminRefusal) -> AdminRoute? {
        guard segments.starts(with: ["cluster", "objects"]) else { return nil }
        switch segments.count {
        case 2: return .objects
        case 4: return .object(try key(segments[2], segments[3]))
        case 5:
            guard let manner = ObjectRemoval.Manner(rawValue: String(segments[4])) else {
                return nil
            }
            return .remove(try key(segments[2], segments[3]), manner)
        default: return nil
        }
    }

    static func ofMembers(_ segments: [Substring]) throws(AdminRefusal) -> AdminRoute? {
        guard segments.starts(with: ["cluster", "members"]) else { return nil }
        switch segments.count {
        case 2: return .members
        case 3:
            guard let name = PercentEncoding.decode(segments[2]), let node = NodeID(name) else {
                throw .badRequest("expected the name of a node")
            }
            return .member(node.name)
        default: return nil
        }
    }
}

/// A path of the admin side, with braces where there is a name, as OpenAPI writes it.
///
/// `OpenAPIDocument` has all of them, with the methods of their routes.
enum AdminResource: String, CaseIterable {
    case live = "/live"
    case ready = "/ready"
    case startup = "/startup"
    case metrics = "/metrics"
    case openAPI = "/openapi.json"
    case console = "/"
    case status = "/cluster/status"
    case events = "/cluster/events"
    case partitions = "/cluster/partitions"
    case locate = "/cluster/locate/{class}/{name}"
    case objects = "/cluster/objects"
    case object = "/cluster/objects/{class}/{name}"
    case move = "/cluster/objects/{class}/{name}/move"
    case evict = "/cluster/objects/{class}/{name}/evict"
    case members = "/cluster/members"
    case member = "/cluster/members/{node}"
    case leave = "/cluster/leave"
    case weight = "/cluster/weight"
    case recover = "/cluster/recover"
    case drain = "/cluster/drain"
    case cordon = "/cluster/cordon"
}

extension AdminRoute {
    /// What it is one of.
    var resource: AdminResource {
        switch self {
        case .live: .live
        case .ready: .ready
        case .startup: .startup
        case .metrics: .metrics
        case .openAPI: .openAPI
        case .console: .console
        case .status: .status
        case .events: .events
        case .partitions: .partitions
        case .locate: .locate
        case .objects: .objects
        case .object: .object
        case .remove(_, .move): .move
        case .remove(_, .evict): .evict
        case .members: .members
        case .member: .member
        case .leave: .leave
        case .weight: .weight
        case .recover: .recover
        case .drain: .drain
        case .cordon: .cordon
        }
    }
}
