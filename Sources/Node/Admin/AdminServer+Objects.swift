import Primitives
import Transport
import Wire

// Objects and members: what the operator's side tells of them, and what it has done to one.
extension AdminServer {
    func list(_ target: RequestTarget, on connection: HTTPConnection) throws(AdminRefusal) {
        let query = try ObjectQuery(target)
        if let name = query.className { try checkClass(name) }
        try availableObjects.list(query) { connection.respond(.json($0)) }
    }

    func inspect(_ key: ObjectKey, on connection: HTTPConnection) throws(AdminRefusal) {
        try checkClass(key.className)
        try availableObjects.inspect(key) { connection.respond(encoding: $0) }
    }

    func remove(
        _ key: ObjectKey,
        _ manner: ObjectRemoval.Manner,
        on connection: HTTPConnection
    ) throws(AdminRefusal) {
        try checkClass(key.className)
        try availableObjects.remove(key, manner) { connection.respond(encoding: $0) }
    }

    func members(on connection: HTTPConnection) {
        status.report { connection.respond(encoding: MemberList($0)) }
    }

    func member(_ name: String, on connection: HTTPConnection) {
        status.report { report in
            guard let details = MemberDetails(of: name, in: report) else {
                let known = report.members.map(\.name).joined(separator: ", ")
                let reason = "no member is called \(name); known members: \(known)"
                return connection.respond(AdminRefusal.noSuchResource(reason).response)
            }
            connection.respond(encoding: details)
        }
    }

    private var availableObjects: any ObjectOperations {
        get throws(AdminRefusal) {
            guard let objects else { throw .notNow("the node starts or stops") }
            return objects
        }
    }
}
