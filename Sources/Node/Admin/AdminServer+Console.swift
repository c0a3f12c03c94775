import Primitives
import Transport
import Wire

// What the console needs beside the status: events and who owns what.
extension AdminServer {
    func follow(_ request: HTTPRequest, on connection: HTTPConnection) throws(AdminRefusal) {
        guard let events else { throw .notNow("the node starts or stops") }
        let wish = try EventWish(request.head)
        guard request.head.method != .head else {
            return connection.respond(Response(headers: ["Content-Type": "text/event-stream"]))
        }
        try events.follow(wish, request, on: connection)
    }

    func tellPartitions(on connection: HTTPConnection) throws(AdminRefusal) {
        guard let partitions else { throw .notNow("the node starts or stops") }
        connection.respond(encoding: partitions.report)
    }
}
