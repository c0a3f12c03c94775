/// How one client's session has ended, as its edge tells the object.
struct SocketEnd: Equatable, Sendable {
    let code: UInt16
    let reason: String
    /// What the object is told first when it was no good end.
    let error: WebSocketError?

    /// Set in the code of an end that the edge has brought about because of what the client sent:
    /// the client's own Close may have the same code.
    static let violationBit: UInt16 = 0x8000

    /// `code` as the edge reports it.
    init(code: UInt16, reason: String) {
        self.code = code & ~Self.violationBit
        self.reason = reason
        if code & Self.violationBit != 0 {
            error = .protocolViolation(code: self.code)
        } else {
            error = code == 1006 ? .connectionLost : nil
        }
    }
}
