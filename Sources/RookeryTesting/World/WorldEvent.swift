import Primitives

/// What happens in a world at an instant.
enum WorldEvent {
    /// A loop has its turn, unless another one was given to it since.
    case turn(loop: Int, ticket: UInt64)
    /// A socket tries to connect.
    case dial(Int32)
    /// The attempt has come to where it goes.
    case dialled(Int32)
    /// The answer has come back: the socket at the other end, or nil for nobody.
    case answered(Int32, by: Int32?)
    case segment(VirtualStream.Segment, from: Int32, to: Int32)
    /// A stream tries to send what has waited.
    case retry(Int32)
    /// The other end of a stream is not there any more.
    case reset(Int32)
    /// The reader has made room.
    case room(Int32)
    case datagram([UInt8], from: SocketAddress, to: SocketAddress)
    /// A piece of work off the loops is done.
    case work(Int, run: Int, @Sendable () -> Void)
}
