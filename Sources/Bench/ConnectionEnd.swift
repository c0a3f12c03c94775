import Transport
import Wire

/// Why a connection has ended, or never began.
enum ConnectionEnd: Error, Equatable, Sendable, CustomStringConvertible {
    /// In good order, because this side wanted it.
    case closedHere
    case unreachable(SocketError)
    /// The server answered the handshake with another status.
    case refused(HTTPStatus)
    case badAnswer(String)
    /// The server did not answer in time: the handshake, or a Close.
    case silent(String)
    case badFrame(FrameError)
    /// The server sent a Close; 1005 is one without a code.
    case closed(code: UInt16, reason: String)
    /// The TCP connection ended without a Close.
    case cut
    case failed(SocketError)

    var description: String {
        switch self {
        case .closedHere: "closed by this side"
        case .unreachable(let error): "not reached (\(error))"
        case .refused(let status): "the server answered \(status)"
        case .badAnswer(let what): "the server answered \(what)"
        case .silent(let what): "no answer to \(what) in time"
        case .badFrame(let error): "the server sent no proper frame (\(error.reason))"
        case .closed(let code, let reason):
            "the server closed with \(code)" + (reason.isEmpty ? "" : " (\(reason))")
        case .cut: "the server ended the connection without a Close"
        case .failed(let error): "the connection failed (\(error))"
        }
    }

    init(_ end: StreamEnd) {
        switch end {
        case .peerClosed: self = .cut
        case .closedHere: self = .closedHere
        case .failed(let error): self = .failed(error)
        }
    }
}
