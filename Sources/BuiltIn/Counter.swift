import Foundation
public import Rookery

/// Counts, and says who it is that counts: the piece with which the cluster is tested.
///
/// A text message or a POST adds one; either, and a GET, is answered with a JSON object. Two
/// answers with different `instance` came from two instances. A POST whose path ends in
/// `/in/{milliseconds}` adds its one later, by an alarm, wherever the counter is by then.
public actor Counter: DurableObject {
    /// A counter that forgot after ten quiet seconds would be of no use.
    public static let staysInMemory = true

    /// The answer.
    public struct Reading: Codable, Equatable, Sendable {
        public let `class`: String
        public let name: String
        public let node: String
        public let instance: String
        public let epoch: UInt64
        public let count: Int
    }

    public let context: ObjectContext
    private var count = 0

    public init(context: ObjectContext) { self.context = context }

    public func fetch(_ request: Request) async throws -> Response {
        if request.webSocket != nil { return .upgrade }
        switch request.method {
        case .get, .head: break
        case .post:
            guard let delay = Self.delay(in: request.target) else {
                count += 1
                break
            }
            let date = context.clock.now.addingTimeInterval(Double(delay) / 1_000)
            try await context.setAlarm("\(date.timeIntervalSince1970)", at: date)
        default:
            var refusal = Response.text("GET or POST", status: 405)
            refusal.headers.add("Allow", "GET, HEAD, POST")
            return refusal
        }
        return try .json(encoding: reading())
    }

    public func alarm(_ alarm: Alarm) { count += 1 }

    /// The milliseconds in a target that ends in `/in/{milliseconds}`.
    private static func delay(in target: String) -> UInt32? {
        let path = target.split(separator: "/").suffix(2)
        return path.first == "in" ? path.last.flatMap { UInt32($0) } : nil
    }

    public func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        guard message.kind == .text else {
            try socket.close(code: 1003, reason: "a counter takes text")
            return
        }
        count += 1
        socket.send(try WebSocketMessage(encoding: reading()))
    }

    private func reading() -> Reading {
        Reading(
            class: context.key.className,
            name: context.key.name,
            node: context.node.name,
            instance: context.instance.description,
            epoch: context.epoch.value,
            count: count
        )
    }
}
