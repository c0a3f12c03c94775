import Primitives
import Transport
import Wire

// What the console needs beside the status: events and who owns what.
extension AdminServer {
    /// Of `recent`, those that a reader gets who has had none.
    static let recentEvents = 0...EventLog.keptMax

    func follow(_ request: HTTPRequest, on connection: HTTPConnection) throws(AdminRefusal) {
        guard let events else { throw .notNow("the node starts or stops") }
        let target = request.head.target
        guard target.hasDecodableQuery else {
            throw .badRequest("expected a query of percent-encoded UTF-8")
        }
        var recent = 0
        if let text = target.queryValue("recent") {
            guard let count = Int(text), Self.recentEvents.contains(count) else {
                throw .badRequest("expected recent from 0 to \(EventLog.keptMax)")
            }
            recent = count
        }
        var place: EventPlace?
        if let text = request.head.headers.first("Last-Event-ID"), !text.isEmpty {
            guard let known = EventPlace(text) else {
                throw .badRequest("expected the id of an event as Last-Event-ID")
            }
            place = known
        }
        guard request.head.method != .head else {
            return connection.respond(Response(headers: ["Content-Type": "text/event-stream"]))
        }
        try events.follow(after: place, recent: recent, request, on: connection)
    }

    func tellPartitions(on connection: HTTPConnection) throws(AdminRefusal) {
        guard let partitions else { throw .notNow("the node starts or stops") }
        connection.respond(encoding: partitions.report)
    }
}
