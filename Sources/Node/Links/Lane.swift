import Placement
import Primitives
import Transport
import Wire

/// Who is told of one lane's connection and its control messages.
///
/// Called on the lane's loop.
struct LaneObserver: Sendable {
    /// The lane's connection is gone; the lane waits for another.
    let disconnected: @Sendable (_ connection: UInt64) -> Void
    /// Anything has come from the peer; at most once a second.
    let heard: @Sendable () -> Void
    /// A heartbeat has come (nil) or come back, with the peer's clock in nanoseconds.
    let measured: @Sendable (_ roundTrip: Duration?, _ clock: UInt64) -> Void
    let received: @Sendable (LinkFrameType, [UInt8]) -> Void
}

/// One lane to one run of one peer: drives a `LaneMachine` over its connections.
///
/// Lives on one loop. Streams are handed to sessions, calls and objects wherever those live.
final class Lane: RosterMember {
    /// Other lanes whose heartbeats go out with the one that is due.
    ///
    /// More would have a large cluster write to all peers in one turn.
    static let heartbeatsTogetherMax = 16
    /// Bytes that the socket may have queued before the machine is asked for more.
    ///
    /// Low, so that what is urgent never waits behind much.
    static let outputBytesMax = 256 << 10
    /// A timer that comes so early stays: each message puts off what is waited for.
    static let timerLeadMax = Duration.milliseconds(50)
    /// Streams that may wait for a view that this node does not know yet.
    static let earlyMax = 1_024

    let peer: NodeID
    let loop: EventLoop
    private let home: LoopBound<Shard>
    var machine: LaneMachine
    var endpoints: [StreamID: LaneEndpoint] = [:]
    /// What waits for a later view, in the order of its coming.
    var early: [StreamID] = []
    private let observer: LaneObserver
    private var stream: StreamConnection?
    private var connection: UInt64 = 0
    private var isMarked = false
    private var timer: (id: TimerID, due: Instant)?
    var rosterIndex: Int?
    private var lastHeard = Instant.zero
    /// Since when there is no connection.
    private(set) var disconnectedAt: Instant?
    /// The peer's run is over, and nobody may wait for anything from it.
    private(set) var isFailed = false

    init(
        peer: NodeID,
        isLowerID: Bool,
        shard: LoopBound<Shard>,
        settings: LinkSettings,
        observer: LaneObserver
    ) {
        self.peer = peer
        self.observer = observer
        home = shard
        loop = shard.loop
        var entropy = shard.loop.entropy
        machine = LaneMachine(
            isLowerID: isLowerID,
            startingAt: .random(in: .min ... .max, using: &entropy),
            settings: settings
        )
    }

    /// The shard whose loop this lane lives on.
    var shard: Shard { home.onLoop }

    var bound: LoopBound<Lane> { LoopBound(self, on: loop) }

    // MARK: - The connection

    /// Goes on over a new connection, whose handshake is done; `remainder` came with it.
    func connect(
        _ descriptor: consuming FileDescriptor,
        number: UInt64,
        remainder: [UInt8]
    ) {
        guard !isFailed else { return }
        dropConnection()
        connection = number
        let stream = StreamConnection(descriptor, peer: nil, loop: loop)
        stream.setLinkOptions(userTimeout: .seconds(5), notSentLowWater: 128 << 10)
        stream.delegate = self
        do {
            try stream.start()
        } catch {
            observer.disconnected(connection)
            return
        }
        self.stream = stream
        shard.connectedLanes.insert(self)
        disconnectedAt = nil
        machine.connected(now: loop.now)
        if !remainder.isEmpty { received(remainder.span) }
        arm()
        mark()
    }

    private func dropConnection() {
        stream?.delegate = nil
        stream?.abort()
        stream = nil
        shard.connectedLanes.remove(self)
    }

    private func lostConnection() {
        guard stream != nil else { return }
        dropConnection()
        disconnectedAt = loop.now
        machine.disconnected()
        observer.disconnected(connection)
    }

    /// The peer's run is over: every stream ends, and the lane with it.
    func fail() {
        guard !isFailed else { return }
        isFailed = true
        if let timer { loop.cancel(timer.id) }
        dropConnection()
        let lost = endpoints.sorted { $0.key.value < $1.key.value }
        endpoints = [:]
        for (_, endpoint) in lost { endpoint.lost(since: disconnectedAt) }
    }

    /// Says good-bye, so that the peer need not wait for silence.
    func goAway() {
        machine.goAway(code: LinkCode.goingAway, text: "the node is going down")
        mark()
    }

    // MARK: - Input

    private func take(_ events: [LaneMachine.Event]) {
        for event in events where !isFailed { take(event) }
        mark()
    }

    private func take(_ event: LaneMachine.Event) {
        switch event {
        case .opened(let id, let kind, let head, _, _): opened(id, kind, head)
        case .answered(let id, let head): endpoints[id]?.answered(head, id, self)
        case .message(let id, let payload, let isBinary):
            let message = WebSocketMessage(kind: isBinary ? .binary : .text, payload: payload)
            endpoints[id]?.received(message, id, self)
        case .multicast(let ids, let payload, let isBinary):
            let message = WebSocketMessage(kind: isBinary ? .binary : .text, payload: payload)
            received(message, for: ids)
        case .keyed(let id, let key, let payload, let isBinary):
            let message = WebSocketMessage(kind: isBinary ? .binary : .text, payload: payload)
            endpoints[id]?.received(message, key: key, id, self)
        case .keyedMulticast(let ids, let key, let payload, let isBinary):
            let message = WebSocketMessage(kind: isBinary ? .binary : .text, payload: payload)
            received(message, key: key, for: ids)
        case .attachment(let id, let bytes): endpoints[id]?.keep(attachment: bytes)
        case .setting(let id, let setting): endpoints[id]?.keep(setting)
        case .status(let id, let status): endpoints[id]?.told(status)
        case .finished(let id, let code, let reason):
            endpoints[id]?.finished(code: code, reason: reason)
        case .closed(let id, let code, let reason):
            endpoints.removeValue(forKey: id)?.closed(code: code, reason: reason)
        case .reset(let id, _): endpoints.removeValue(forKey: id)?.lost()
        case .processed(let id, let count): endpoints[id]?.processed(through: count)
        case .moved(let id, let moved): endpoints.removeValue(forKey: id)?.moved(moved)
        case .drained(let id): endpoints[id]?.drained()
        case .control(let type, let payload): observer.received(type, payload)
        case .ping(let clock): observer.measured(nil, clock)
        case .pong(let roundTrip, let clock): observer.measured(roundTrip, clock)
        case .resumed: break
        case .goAway, .silent: lostConnection()
        }
    }

    // MARK: - Output

    /// Has the machine's output written at the end of the turn, or when the socket has room again.
    func mark() {
        guard !isMarked, let stream, stream.queuedBytes < Self.outputBytesMax else { return }
        isMarked = true
        loop.flushAtTurnEnd(self)
    }

    private func pump() {
        var events: [LaneMachine.Event] = []
        if let stream {
            var output = ByteWriter()
            let room = Self.outputBytesMax - stream.queuedBytes
            while hasOutput, output.count < room {
                let before = output.count
                machine.writeOutput(
                    into: &output,
                    limit: room - before,
                    now: loop.now,
                    events: &events
                )
                guard output.count > before else { break }
            }
            if output.count > 0 { stream.writeNow(output.bytes) }
        }
        for event in events { take(event) }
        arm()
    }

    /// One timer, for whatever the machine waits for next.
    private func arm() {
        var events: [LaneMachine.Event] = []
        if let due = machine.timerFired(now: loop.now, events: &events) { wake(at: due) }
        if hasOutput { mark() }
        for event in events { take(event) }
    }

    private func wake(at due: Instant) {
        if let timer {
            guard due < timer.due || due > timer.due.advanced(by: Self.timerLeadMax) else { return }
            loop.cancel(timer.id)
        }
        let id = loop.schedule(at: due) { [weak self] in
            self?.timer = nil
            self?.arm()
            self?.hastenOthers()
        }
        timer = (id, due)
    }

    private var hasOutput: Bool { Self.hasOutput(&machine) }

    /// As if to change it: a machine that is only read is copied before.
    private static func hasOutput(_ machine: inout LaneMachine) -> Bool { machine.hasOutput }

    /// The loop is awake: what other lanes would soon wake it for is done now.
    ///
    /// In turns, so that none of many is passed over for ever.
    private func hastenOthers() {
        guard machine.isHeartbeatDue else { return }
        let lanes = shard.connectedLanes
        guard let own = rosterIndex else { return }
        for distance in 1..<max(1, min(lanes.count, Self.heartbeatsTogetherMax + 1)) {
            lanes[(own + distance) % lanes.count].hasten()
        }
    }

    private func hasten() {
        machine.hastenHeartbeat(now: loop.now)
        if machine.isHeartbeatDue { mark() }
    }
}

extension Lane: TurnEndFlushing {
    func flush() {
        isMarked = false
        pump()
    }
}

extension Lane: StreamConnectionDelegate {
    func received(_ bytes: Span<UInt8>) {
        let now = loop.now
        if now >= lastHeard.advanced(by: .seconds(1)) {
            lastHeard = now
            observer.heard()
        }
        var events: [LaneMachine.Event] = []
        do {
            try machine.receive(bytes, now: now, events: &events)
            take(events)
        } catch {
            shard.tally.count(error.reason)
            shard.log.warning(
                "a peer broke the link protocol",
                ["peer": "\(peer)", "error": "\(error)"]
            )
            take(events)
            lostConnection()
        }
    }

    func peerEnded() { lostConnection() }

    func outputDrained() { if hasOutput { mark() } }

    func ended(_ end: StreamEnd) { lostConnection() }
}
