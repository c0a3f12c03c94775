import Transport
import Wire

/// One message on its way to many sockets: encoded once, and one copy to each loop and each lane.
struct FanOut {
    private let message: WebSocketMessage
    private let frame: [UInt8]
    private let key: String?
    private var loops: [(loop: EventLoop, sessions: [SessionAttachment])] = []
    private var lanes: [(lane: LoopBound<Lane>, streams: [StreamID])] = []

    init(_ message: PreparedMessage, key: String? = nil) {
        self.message = message.message
        frame = message.frame
        self.key = key
    }

    mutating func add(_ socket: ObjectSocket) {
        socket.flow.send(frame.count)
        switch socket.path {
        case .local(let session):
            if session.loop.isCurrent {
                session.deliverHere(frame, key: key)
            } else if let index = loops.firstIndex(where: { $0.loop === session.loop }) {
                loops[index].sessions.append(session)
            } else {
                loops.append((session.loop, [session]))
            }
        case .remote(let lane, let stream):
            if let index = lanes.firstIndex(where: { $0.lane.isSame(as: lane) }) {
                lanes[index].streams.append(stream)
            } else {
                lanes.append((lane, [stream]))
            }
        }
    }

    /// Sends what `add` has gathered for other loops and other nodes.
    func send() {
        let (message, frame, key) = (message, frame, key)
        for (loop, sessions) in loops {
            loop.execute {
                for session in sessions { session.deliverHere(frame, key: key) }
            }
        }
        for (lane, streams) in lanes {
            lane.run { $0.multicast(message, key: key, to: streams) }
        }
    }
}
