import Primitives
import Transport
import Wire

/// How an object's output reaches the node that holds a client.
enum SocketPath {
    /// The client is connected here.
    case local(SessionAttachment)
    /// The client is connected to the node at the other end of this stream.
    case remote(LoopBound<Lane>, StreamID)

    /// True for a session of this node that has been nowhere else: its edge has asked nobody before.
    var isFirst: Bool {
        switch self {
        case .local(let attachment): attachment.number == 1
        case .remote: false
        }
    }

    /// The client of this loop, on which it is called.
    func near(on loop: EventLoop) -> NearAttachment? {
        guard case .local(let attachment) = self else { return nil }
        return NearAttachment(attachment, on: loop)
    }
}

/// The same as the socket keeps it, which of both cases has one.
enum SocketWay {
    case near(NearAttachment)
    case far(SocketPath)
}
