import Transport
import Wire

/// One message on its way to many sockets: encoded once, and one copy to each loop and each lane.
struct FanOut {
    private let message: WebSocketMessage
    private let frame: [UInt8]
    private var loops: [(loop: EventLoop, sessions: [SessionAttachment])] = []
    private var lanes: [(lane: LoopBound<Lane>, streams: [StreamID])] = []

    init(_ message: WebSocketMessage) {
        self.message = message
        frame = message.encoded
    }

    mutating func add(_ socket: ObjectSocket) {
        switch socket.path {
        case .local(let session):
            if session.loop.isCurrent {
                session.deliverHere(frame)
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
        let (message, frame) = (message, frame)
        for (loop, sessions) in loops {
            loop.execute { for session in sessions { session.deliverHere(frame) } }
        }
        for (lane, streams) in lanes {
            lane.run { $0.multicast(message, to: streams) }
        }
    }
}
