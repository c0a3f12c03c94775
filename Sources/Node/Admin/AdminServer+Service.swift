import Foundation
import Primitives
import Transport
import Wire

// `/cluster/drain` and `/cluster/cordon`: of this node, or of the one that is named.
extension AdminServer {
    func serve(
        _ route: AdminRoute,
        _ request: HTTPRequest,
        on connection: HTTPConnection
    ) throws(AdminRefusal) {
        guard let service else { throw .notNow("the node starts or stops") }
        let wish = try ServiceWish(request)
        let target = try wish.node.map { name throws(AdminRefusal) in
            guard let node = NodeID(name), service.knownNodes.contains(node) else {
                let known = service.knownNodes.map(\.name).joined(separator: ", ")
                throw .noSuchResource("no node \(name.printable); known nodes: \(known)")
            }
            return node
        }
        let asked = try wish.request(for: route, request.head.method)
        service.serve(asked, at: target) { connection.respond(encoding: $0) }
    }
}

/// What a request about the service of a node says, in its body or behind a question mark.
struct ServiceWish: Decodable, Equatable {
    var node: String?
    var rate: String?
    var grace: String?
    var deadline: String?

    private enum CodingKeys: String, CodingKey {
        case node
        case rate
        case grace
        case deadline
    }

    init(_ request: HTTPRequest) throws(AdminRefusal) {
        if !request.body.isEmpty {
            guard let wish = try? JSONDecoder().decode(Self.self, from: Data(request.body)) else {
                throw .badRequest(Self.expected)
            }
            self = wish
        }
        for pair in request.head.target.query?.split(separator: "&") ?? [] {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = PercentEncoding.decode(parts[1]) else {
                throw .badRequest(Self.expected)
            }
            switch parts[0] {
            case "node": node = value
            case "rate": rate = value
            case "grace": grace = value
            case "deadline": deadline = value
            default: throw .badRequest(Self.expected)
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        node = try container.decodeIfPresent(String.self, forKey: .node)
        grace = try container.decodeIfPresent(String.self, forKey: .grace)
        deadline = try container.decodeIfPresent(String.self, forKey: .deadline)
        // A number, or a text as behind a question mark.
        let number = try? container.decodeIfPresent(Int.self, forKey: .rate)
        rate = try number.map { "\($0)" } ?? container.decodeIfPresent(String.self, forKey: .rate)
    }

    private static let expected =
        #"expected node, rate, grace or deadline: {"node": "node-3", "rate": 500, "deadline": "5m"}"#
        + " or ?node=node-3&rate=500/s&deadline=5m"

    /// What a node is asked to do.
    func request(
        for route: AdminRoute,
        _ method: HTTPMethod
    ) throws(AdminRefusal) -> ServiceRequest {
        let isDrain = route == .drain
        let action: ServiceRequest.Action =
            switch method {
            case .post: isDrain ? .drain : .cordon
            case .delete: isDrain ? .undo : .uncordon
            default: .look
            }
        guard action == .drain || (rate == nil && grace == nil && deadline == nil) else {
            let path = ServiceStatus.drainPath
            throw .badRequest("expected rate, grace and deadline with POST \(path) only")
        }
        do throws(DrainNumberError) {
            return try DrainNumbers(rate: rate, grace: grace, deadline: deadline).request(action)
        } catch {
            throw .badRequest(error.description)
        }
    }
}
