/// Who takes what a connection brings.
///
/// Called on the connection's loop only.
package protocol StreamConnectionDelegate: AnyObject {
    /// Bytes have come; they are lent for the length of the call.
    func received(_ bytes: Span<UInt8>)
    /// The peer will send no more; it may still read.
    func peerEnded()
    /// All output that waited has been written.
    func outputDrained()
    /// Some of it has, and the rest waits for the peer.
    func outputAdvanced()
    /// The connection is gone. Called once, last, and never from inside a call of `close`.
    func ended(_ end: StreamEnd)
}

extension StreamConnectionDelegate {
    package func outputAdvanced() {}
}
