/// What a Close frame says: nothing, a code, or a code and a reason (RFC 6455 section 5.5.1).
package struct ClosePayload: Equatable, Sendable {
    /// The longest reason, in bytes of UTF-8: a control payload less the code.
    package static let reasonBytesMax = WebSocketLimits.controlBytesMax - 2

    package let code: CloseCode?
    package let reason: String

    /// A reason without a code cannot be sent and is dropped; a long one is cut when it is encoded.
    package init(code: CloseCode?, reason: String = "") {
        self.code = code
        self.reason = code == nil ? "" : reason
    }

    /// Reads the payload of a Close frame.
    package init(_ payload: [UInt8]) throws(FrameError) {
        guard !payload.isEmpty else {
            self.init(code: nil)
            return
        }
        guard payload.count >= 2 else { throw .truncatedClose }
        let value = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard let code = CloseCode(value) else { throw .invalidCloseCode(value) }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw .invalidCloseReason
        }
        self.init(code: code, reason: reason)
    }

    /// The payload of a Close frame that says this, with the reason cut between two characters.
    package var bytes: [UInt8] {
        guard let code else { return [] }
        var text = [UInt8](reason.utf8)
        if text.count > Self.reasonBytesMax {
            var end = Self.reasonBytesMax
            while text[end] & 0xC0 == 0x80 { end -= 1 }
            text.removeSubrange(end...)
        }
        return [UInt8(code.value >> 8), UInt8(truncatingIfNeeded: code.value)] + text
    }
}
