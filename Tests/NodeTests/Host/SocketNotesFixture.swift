import Foundation
import Placement
import Primitives
import Synchronization
import Testing
import Transport

@testable import Node
@testable import Wire

/// One loop of a node that does not exist, with one object of a name of its own, and the far end of
/// a lane by which clients come to it; lives on the loop of the tests.
final class SocketNotesFixture {
    let lease = LeaseCell()
    let shard: Shard
    let key: ObjectKey
    private let lane: Lane
    /// The end of the clients' node.
    private var edge = LaneMachine(isLowerID: false)
    /// What it was told.
    private(set) var events: [LaneMachine.Event] = []

    /// The one object is of class `type`.
    init(
        of type: any DurableObject.Type = NotingObject.self,
        isReady: Bool = true,
        _ adjust: (inout HostSettings) -> Void = { _ in }
    ) throws {
        key = try #require(ObjectKey(className: type.className, name: "\(SessionID.random())"))
        var settings = ShardSettings(NodeConfiguration())
        adjust(&settings.host)
        shard = Shard(
            index: 0,
            node: ObjectHostFixture.local,
            registry: try ObjectRegistry([type]),
            settings: settings,
            lease: lease,
            routes: ObjectHostFixture.routes(
                epoch: 1,
                owner: ObjectHostFixture.local,
                isReady: isReady
            ),
            log: Log(subsystem: "test") { _ in },
            loop: TestLoop.shared
        )
        let bound = LoopBound(shard, on: TestLoop.shared)
        lane = Lane(
            peer: ObjectHostFixture.other,
            isLowerID: true,
            shard: bound,
            settings: LinkSettings(),
            observer: LaneObserver(
                disconnected: { _ in },
                heard: {},
                measured: { _, _ in },
                received: { _, _ in }
            )
        )
        shard.start(directory: [bound]) { _, _ in }
        lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        lane.machine.connected(now: TestLoop.shared.now)
        edge.connected(now: TestLoop.shared.now)
        try exchange()
    }

    /// Lets both ends say what they have to say.
    func exchange() throws {
        let now = TestLoop.shared.now
        while lane.machine.hasOutput || edge.hasOutput {
            var output = ByteWriter()
            edge.writeOutput(into: &output, limit: .max / 2, now: now, events: &events)
            lane.received(output.bytes.span)
            output = ByteWriter()
            lane.machine.writeOutput(into: &output, limit: .max / 2, now: now, events: &events)
            try edge.receive(output.bytes.span, now: now, events: &events)
        }
    }

    /// A client whom the object is asked about with these tags; or, `resumed`, one that an earlier
    /// instance has accepted.
    func open(
        tags: [String] = [],
        attachment: String = "",
        resuming notes: SocketNotes? = nil,
        session: UInt128 = .random(in: 1 ... .max)
    ) throws -> StreamID {
        var headers = tags.map { LinkHeaderField(name: "tag", value: $0) }
        if !attachment.isEmpty {
            headers.append(LinkHeaderField(name: "attachment", value: attachment))
        }
        let head = LinkRequestHead(
            key: key,
            kind: .webSocket,
            method: "GET",
            target: "/",
            headers: headers,
            peerAddress: nil,
            sessionID: session,
            epoch: 1,
            resumed: notes != nil,
            notes: notes ?? SocketNotes()
        )
        let id = try edge.open(.session, head: try head.encoded(), partition: 0, epoch: 1)
        try exchange()
        return id
    }

    /// Opens a client, and returns its stream once it is answered.
    func accepted(tags: [String] = [], attachment: String = "") async throws -> StreamID {
        let id = try open(tags: tags, attachment: attachment)
        _ = try await answer(to: id)
        return id
    }

    /// A client of whom the object is told that an earlier instance has accepted it, by no stream.
    func attach(_ number: Int) throws -> Result<ObjectSocket, ActivationRefusal> {
        shard.host.attach(
            SocketOffer(
                id: SessionID(high: 1, low: UInt64(number)),
                key: key,
                opening: OpeningRequest(Request(method: .get, target: "/", headers: [:])),
                isAccepted: true,
                firstMessage: 0,
                redelivered: 0,
                notes: SocketNotes()
            ),
            path: .remote(lane.bound, .lane),
            at: ObjectPlace(
                key: key,
                partition: shard.routes.view.partition(of: key),
                epoch: shard.routes.view.epoch
            )
        )
    }

    /// The clients' node tells what is with one of them.
    func tell(_ status: LinkStatus, of id: StreamID) throws {
        edge.tell(id, status)
        try exchange()
    }

    /// What the clients' node was told to keep for a stream, in order.
    func settings(of id: StreamID) -> [SocketSetting] {
        events.compactMap { event in
            if case .setting(id, let setting) = event { setting } else { nil }
        }
    }

    /// How the object has ended a stream, in its own words.
    func finished(_ id: StreamID) -> [String] {
        events.compactMap { event in
            if case .finished(id, let code, let reason) = event { "\(code) \(reason)" } else { nil }
        }
    }

    func send(_ text: String, on id: StreamID) throws {
        _ = edge.send(id, payload: Array(text.utf8), isBinary: false)
        try exchange()
    }

    /// The client's connection ends without a Close, or because of what the client has sent.
    func close(_ id: StreamID, code: UInt16 = 1000) throws {
        edge.close(id, code: code)
        try exchange()
    }

    /// Sends bytes as records, and returns how the node has ended their stream.
    func send(records bytes: [UInt8]) throws -> LaneMachine.Event? {
        let id = try edge.open(.records, head: [], partition: 0, epoch: 1)
        _ = edge.send(id, payload: bytes, isBinary: true)
        try exchange()
        return events.first { event in
            switch event {
            case .closed(id, _, _), .reset(id, _): true
            default: false
            }
        }
    }

    /// The client closes in good order.
    func finish(_ id: StreamID, code: UInt16, reason: String = "") throws {
        edge.finish(id, code: code, reason: reason)
        try exchange()
    }

    /// The clients' node dies.
    func loseLane() { lane.fail() }

    /// The way by which its sockets are reached.
    var bound: LoopBound<Lane> { lane.bound }

    /// Makes a plain request; returns the answer once there is one.
    func request(_ target: String) async throws -> Response {
        let place = try #require(place)
        let request = Request(method: .get, target: target, headers: [:])
        var answer: ObjectAnswer?
        shard.host.fetch(request, of: place) { answer = $0 }
        return try await eventually("an answer to \(target)") {
            guard case .response(let response) = answer else { return nil }
            return response
        }
    }

    private var place: ObjectPlace? {
        guard case .here(let place) = shard.routes.destination(of: key) else { return nil }
        return place
    }

    /// A view gives all to the other node.
    func loseOwner() {
        shard.update(
            ObjectHostFixture.routes(epoch: 2, owner: ObjectHostFixture.other, isReady: false)
        )
    }

    /// Has the object go, and returns when nothing of it is left and it is this node's again.
    func stop() async throws {
        let partition = shard.routes.view.partition(of: key)
        var isStopped = false
        let routes = shard.routes
        loseOwner()
        defer { shard.update(routes) }
        shard.host.stop(PartitionSet([partition])) { isStopped = true }
        try await eventually("the object is gone") {
            try exchange()
            return isStopped
        }
        try exchange()
    }

    /// What the object has said to a new client.
    func answer(to id: StreamID) async throws -> LinkResponseHead {
        try await eventually("an answer") {
            try exchange()
            for case .answered(id, let head) in events { return try LinkResponseHead(head) }
            return nil
        }
    }

    /// What the clients' node was told of a stream's attachment, in order.
    func attachments(of id: StreamID) -> [[UInt8]?] {
        events.compactMap { event in
            if case .attachment(id, let bytes) = event { bytes } else { nil }
        }
    }

    /// The texts that came on a stream.
    func texts(of id: StreamID) -> [String] {
        events.flatMap { event -> [String] in
            switch event {
            case .message(id, let payload, _): [String(decoding: payload, as: UTF8.self)]
            case .multicast(let ids, let payload, _) where ids.contains(id):
                [String(decoding: payload, as: UTF8.self)]
            default: []
            }
        }
    }

    /// The context of the object, once it is made.
    func context() async throws -> ObjectContext {
        try await eventually("an instance") {
            NotingObject.contexts.withLock { $0[key.name] }
        }
    }
}

/// Accepts a client with the tags and the attachment that it asks for, and adds what the client
/// says to the attachment.
actor NotingObject: DurableObject {
    /// By the name of the object.
    static let contexts = Mutex<[String: ObjectContext]>([:])

    /// What "wait" waits for, by the name of the object.
    static let latches = Mutex<[String: Latch]>([:])

    /// What a client is told.
    struct Answer: Codable, Equatable {
        var instance: String
        var tags: [String]
        var said: [String]
        /// How many sockets have the first of these tags.
        var alike: Int
    }

    let context: ObjectContext

    init(context: ObjectContext) {
        self.context = context
        Self.contexts.withLock { $0[context.key.name] = context }
    }

    func fetch(_ request: Request) throws -> Response {
        guard let socket = request.webSocket else { return .text("a socket", status: 400) }
        let tags = request.headers.fields.filter { $0.name == "tag" }.map(\.value)
        do {
            // A client of a browser has no headers of its own: its tags stand behind the name.
            let segments = request.target.split(separator: "/").dropFirst(3).map(String.init)
            try context.acceptWebSocket(socket, tags: tags + segments)
        } catch {
            return .text("\(error)", status: 400)
        }
        if let said = request.headers.first("attachment") {
            try socket.setAttachment(encoding: [said])
        }
        return .upgrade
    }

    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {
        if message.text == "wait" {
            await Self.latches.withLock { $0[context.key.name] }?.wait()
        }
        let said = try socket.attachment(as: [String].self) ?? []
        // Only the second of the two is of any use to anybody.
        try socket.setAttachment(encoding: ["in between"])
        try socket.setAttachment(encoding: said + [message.text])
        let tags = context.tags(of: socket)
        let answer = Answer(
            instance: context.instance.description,
            tags: tags,
            said: try socket.attachment(as: [String].self) ?? [],
            alike: tags.first.map { context.webSockets(tag: $0).count } ?? 0
        )
        let bytes = try JSONEncoder().encode(answer)
        socket.send(WebSocketMessage(kind: .text, payload: Array(bytes)))
    }
}
