import Primitives
import Transport
import Wire

/// Who can tell the state of the cluster, and of this node.
///
/// `completed` is called once, on the control loop.
protocol StatusSource: AnyObject {
    func report(_ completed: @escaping (StatusReport) -> Void)
    func figures(_ completed: @escaping (_ node: String, NodeReport.Figures) -> Void)
}

extension StatusService: StatusSource {
    func figures(_ completed: @escaping (_ node: String, NodeReport.Figures) -> Void) {
        figures { [node] in completed(node.name, $0) }
    }
}

/// The operator's side of a node: its state as JSON, what can be asked of it, and whether it lives
/// and is ready.
///
/// Lives on the control loop.
final class AdminServer: HTTPServerDelegate {
    /// Connections that an operator and his monitoring may have open at once.
    static let connectionsMax = 256

    private let server: HTTPServer
    let status: any StatusSource
    private weak var operations: (any Operations)?
    private(set) weak var objects: (any ObjectOperations)?
    /// What can be asked about the service of this node and others.
    weak var service: (any ServiceOperations)?
    /// What happens in the cluster; set once there is one.
    weak var events: (any EventSource)?
    /// Who owns what; set once there is somebody.
    var partitions: PartitionMap?
    private let registry: ObjectRegistry
    /// Nil asks for none.
    var token: Secret?
    private weak var health: (any HealthSource)?
    private(set) var tally = Tally()

    init(
        loop: EventLoop,
        token: Secret?,
        status: any StatusSource,
        operations: (any Operations)? = nil,
        objects: (any ObjectOperations)? = nil,
        health: (any HealthSource)?,
        registry: ObjectRegistry
    ) {
        self.token = token
        self.status = status
        self.operations = operations
        self.objects = objects
        self.registry = registry
        self.health = health
        var limits = HTTPLimits()
        limits.bodyBytesMax = 64 << 10
        server = HTTPServer(
            loop: loop,
            limits: limits,
            timing: HTTPTiming(),
            connectionsMax: Self.connectionsMax
        )
        server.delegate = self
        tick()
    }

    func adopt(_ descriptor: consuming FileDescriptor, peer: SocketAddress?) {
        server.adopt(descriptor, peer: peer)
    }

    func close() {
        events?.closeStreams()
        server.close()
    }

    private func tick() {
        server.dropOverdue()
        server.loop.schedule(after: .seconds(1)) { [weak self] in self?.tick() }
    }

    func received(_ request: HTTPRequest, on connection: HTTPConnection) {
        do throws(AdminRefusal) {
            try answer(request, on: connection)
        } catch {
            connection.respond(error.response)
        }
    }

    private func answer(
        _ request: HTTPRequest,
        on connection: HTTPConnection
    ) throws(AdminRefusal) {
        let head = request.head
        try AdminOrigin.check(head, hasToken: token != nil)
        guard token != nil || AdminOrigin.isOwnHost(head) else { throw .foreignHost }
        let route = Result { () throws(AdminRefusal) in try AdminRoute(head.target) }
        let isPublic = (try? route.get().isPublic) ?? false
        // What there is, too, is only for those who may ask.
        guard isPublic || isAuthorized(head) else { throw .unauthorized }
        let known = try route.get()
        guard known.methods.contains(head.method) else {
            throw .methodNotAllowed(allowed: known.methods)
        }
        try perform(known, request, on: connection)
    }

    private func perform(
        _ route: AdminRoute,
        _ request: HTTPRequest,
        on connection: HTTPConnection
    ) throws(AdminRefusal) {
        switch route {
        case .live: try tell(.live, request, on: connection)
        case .ready: try tell(.ready, request, on: connection)
        case .startup: try tell(.startup, request, on: connection)
        case .status: status.report { connection.respond(encoding: $0) }
        case .metrics:
            status.figures { node, figures in
                var response = Response.text(NodeMetrics.text(of: figures, node: node))
                response.headers.set("Content-Type", MetricsText.contentType)
                connection.respond(response)
            }
        case .locate(let key):
            try checkClass(key.className)
            try available.locate(key) { connection.respond(encoding: $0) }
        case .objects: try list(request.head.target, on: connection)
        case .object(let key): try inspect(key, on: connection)
        case .remove(let key, let manner): try remove(key, manner, on: connection)
        case .members: members(on: connection)
        case .member(let name): member(name, on: connection)
        case .openAPI: connection.respond(.json(OpenAPIDocument.bytes))
        case .console: connection.respond(ConsolePage.response())
        case .events: try follow(request, on: connection)
        case .partitions: try tellPartitions(on: connection)
        case .leave:
            let operations = try available
            if request.head.method == .post {
                try refusing { () throws(OperationRefusal) in try operations.leave() }
            }
            connection.respond(encoding: operations.leaveProgress)
        case .weight:
            let operations = try available
            if request.head.method == .post {
                let weight = try WeightRequest.weight(in: request.body)
                try refusing { () throws(OperationRefusal) in try operations.setWeight(weight) }
            }
            connection.respond(encoding: operations.weight)
        case .recover:
            let survivors = try RecoveryRequest.survivors(in: request.body)
            try available.recover(survivors: survivors) { connection.respond(encoding: $0) }
        case .drain, .cordon: try serve(route, request, on: connection)
        }
    }

    /// Whoever may ask for nothing else is not told why.
    private func tell(
        _ question: HealthReport.Question,
        _ request: HTTPRequest,
        on connection: HTTPConnection
    ) throws(AdminRefusal) {
        guard let health else { throw .notNow("the node starts or stops") }
        let report = health.health(question)
        connection.respond(report.response(hasReasons: isAuthorized(request.head)))
    }

    func checkClass(_ name: String) throws(AdminRefusal) {
        guard registry[name] == nil, operations?.isKnown(name) != true else { return }
        let known = registry.names.joined(separator: ", ")
        throw .noSuchResource("no class \(name); known classes: \(known)")
    }

    private func refusing(_ operation: () throws(OperationRefusal) -> Void) throws(AdminRefusal) {
        do throws(OperationRefusal) {
            try operation()
        } catch {
            throw AdminRefusal(error)
        }
    }

    private var available: any Operations {
        get throws(AdminRefusal) {
            guard let operations else { throw .notNow("the node starts or stops") }
            return operations
        }
    }

    private func isAuthorized(_ head: HTTPRequestHead) -> Bool {
        guard let token else { return true }
        let words = head.headers.first("Authorization")?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else { return false }
        return token.matches(Array(words[1].utf8))
    }

    func refused(_ error: HTTPError, from client: SocketAddress?) { tally.count(error.reason) }

    func dropped(_ drop: HTTPDrop, from client: SocketAddress?) { tally.count(drop.reason) }
}

extension HTTPConnection {
    func respond(encoding report: some Encodable) {
        do {
            respond(.json(try JSON.bytes(of: report)))
        } catch {
            respond(AdminRefusal.failed("the answer could not be written").response)
        }
    }

    func respond(encoding result: Result<some Encodable, OperationRefusal>) {
        switch result {
        case .success(let report): respond(encoding: report)
        case .failure(let refusal): respond(AdminRefusal(refusal).response)
        }
    }
}
