import Transport
public import Wire

/// An object that lives once in the cluster: an actor that answers requests and holds WebSockets.
///
/// The model is Cloudflare's Durable Objects. The node makes an instance when the first event for
/// its name arrives and hands it one event at a time, in the order of their arrival: the next
/// handler starts when the one before has returned. All of an instance's code runs on one event
/// loop of the node, so a handler must not block the thread.
///
/// An error thrown by a handler is logged and closes the session concerned with 1011, or answers
/// the request with 500; the instance and the node go on.
public protocol DurableObject: Actor {
    /// What clients and configuration call this class; the type's own name unless said otherwise.
    static var className: String { get }

    /// Whether an instance without events stays in memory.
    ///
    /// False, the default: it leaves after `limit.idle_time` (10 s) and what it held in memory is
    /// gone, as in every Durable Object. Its sockets stay open, with their tags and attachments:
    /// the next event makes an instance that has them, for which `webSocketOpen` is not called.
    static var staysInMemory: Bool { get }

    /// Whether the next event may begin while the handler of one before awaits something.
    ///
    /// False, the default: one event is handled to its end before the next begins, so that no other
    /// code of the instance runs at an `await`. True lets events overlap at each `await`, as the
    /// methods of every other actor do; they still begin in the order of their arrival.
    static var interleaves: Bool { get }

    /// The typed calls that objects of this class take.
    static var calls: [any AnyObjectCall] { get }

    /// Makes an instance.
    ///
    /// Throwing refuses the events that woke the object; the next attempt waits a little, longer
    /// each time.
    init(context: ObjectContext) throws

    /// What the node gave to `init`.
    nonisolated var context: ObjectContext { get }

    /// Gets ready: no event is handled before it has returned.
    ///
    /// What `init` would do if it could wait: throwing, or taking longer than
    /// `limit.making_time` (30 s), refuses the events in the same way.
    func start() async throws

    /// Answers one HTTP request.
    ///
    /// A request that wants to become a WebSocket has `webSocket` set; answering `.upgrade` accepts
    /// it, and every other response refuses it. Without this method upgrades are accepted and all
    /// else is 404.
    func fetch(_ request: Request) async throws -> Response

    /// The same, of a class that awaits nothing for it.
    ///
    /// Where that holds of `fetch` and `webSocketOpen`, or a class has none, a WebSocket is opened
    /// without a turn of the object's task: see the second `webSocketMessage`.
    func fetch(_ request: Request) throws -> Response

    /// A WebSocket is open: accepted by `fetch`, or brought along from an instance elsewhere.
    func webSocketOpen(_ socket: WebSocket) async throws

    /// The same, of a class that awaits nothing for it.
    func webSocketOpen(_ socket: WebSocket) throws

    /// A whole message has come from a client.
    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws

    /// The same, of a class whose handler awaits nothing.
    ///
    /// A method that is written without `async` is both: it is called where the message was read, if
    /// nothing is to be handled before it, and needs no turn of the object's task.
    func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws

    /// A WebSocket has ended, whatever ended it: called once for each that was opened.
    ///
    /// `code` is 1005 when the client gave none and 1006 when the connection was lost.
    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) async throws

    /// The same, of a class that awaits nothing for it.
    func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) throws

    /// The client's connection broke, or what it sent was no WebSocket: `webSocketClose` follows.
    func webSocketError(_ socket: WebSocket, _ error: WebSocketError) async throws

    /// An alarm that `context.setAlarm` has set is due.
    ///
    /// Throwing has it come again: after 2 s, then after twice as long each time, 6 times.
    func alarm(_ alarm: Alarm) async throws

    /// What the next instance is to get when this one moves to another node by plan.
    ///
    /// Called after the last event. Nil, the default, is nothing. At most
    /// `Snapshot.byteCountMax` (8 MiB).
    func snapshot() async throws -> Snapshot?

    /// The instance is about to leave memory, or this node; no event follows.
    ///
    /// It has `HostSettings.drainTime` (5 s) for that. Nothing is promised when a node dies.
    func willLeave(_ reason: LeaveReason) async throws

    /// An instance on another node has had this object before: called before the first event.
    func didTakeOver(_ takeOver: TakeOver) async throws
}

extension DurableObject {
    public static var className: String { String(describing: Self.self) }

    public static var staysInMemory: Bool { false }

    public static var interleaves: Bool { false }

    public static var calls: [any AnyObjectCall] { [] }

    /// Every instance runs on the loop that its name is assigned to.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe context.loop.asUnownedSerialExecutor()
    }

    public func start() async throws {}

    public func fetch(_ request: Request) async throws -> Response {
        context.live.handlers.fetch = .missing
        return .withoutHandler(of: request)
    }

    public func fetch(_ request: Request) throws -> Response { throw HandlerAwaits() }

    public func webSocketOpen(_ socket: WebSocket) async throws {
        context.live.handlers.open = .missing
    }

    public func webSocketOpen(_ socket: WebSocket) throws { throw HandlerAwaits() }

    public func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) async throws {}

    public func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) throws {
        throw HandlerAwaits()
    }

    public func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) async throws {
        context.live.handlers.close = .missing
    }

    public func webSocketClose(_ socket: WebSocket, code: UInt16, reason: String) throws {
        throw HandlerAwaits()
    }

    public func webSocketError(_ socket: WebSocket, _ error: WebSocketError) async throws {}

    public func alarm(_ alarm: Alarm) async throws {}

    public func snapshot() async throws -> Snapshot? { nil }

    public func willLeave(_ reason: LeaveReason) async throws {}

    public func didTakeOver(_ takeOver: TakeOver) async throws {}
}

/// The class has no such handler that awaits nothing.
struct HandlerAwaits: Error {}
