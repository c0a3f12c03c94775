package import Primitives
import Queues

extension WebSocketMachine {
    /// Appends `message` as one frame; false, and nothing is appended, after our own Close.
    ///
    /// The payload of a text message must be UTF-8. A server may also send what `FrameWriter` has
    /// encoded, as long as `canSend`.
    @discardableResult
    package mutating func send(_ message: WebSocketMessage, output: inout ByteWriter) -> Bool {
        guard canSend else { return false }
        writer.write(message.kind.opcode, message.payload.span, to: &output)
        return true
    }

    /// Appends a ping; false, and nothing is appended, when the connection is no longer open.
    ///
    /// More than 125 bytes of payload is our own bug.
    @discardableResult
    package mutating func sendPing(_ payload: [UInt8], output: inout ByteWriter) -> Bool {
        precondition(
            payload.count <= WebSocketLimits.controlBytesMax,
            "a ping of \(payload.count) bytes"
        )
        guard isOpen else { return false }
        writer.write(.ping, payload.span, to: &output)
        return true
    }

    /// Closes from this end, or answers the peer's Close with another code than its own.
    ///
    /// The reason is cut between two characters to 123 bytes. A peer that has failed is told that,
    /// whatever `code` and `reason` are. With `hearingOut` the messages that the peer has sent before
    /// its own Close still count. False, and nothing is appended, after our own Close.
    @discardableResult
    package mutating func close(
        code: CloseCode?,
        reason: String = "",
        hearingOut: Bool = false,
        output: inout ByteWriter
    ) -> Bool {
        let close = ClosePayload(code: code, reason: reason)
        switch phase {
        case .open:
            write(close, then: .closing, output: &output)
            hearsOut = hearingOut
            if !hearsOut, !unfinished.isBlank { message.discard() }
        case .answering: write(close, then: .closed, output: &output)
        case .refusing: answerClose(output: &output)
        case .closing, .closed: return false
        }
        return true
    }

    /// Appends the Close that is owed to the peer, if any: its own code, or that of its violation.
    package mutating func answerClose(output: inout ByteWriter) {
        switch phase {
        case .answering(let owed), .refusing(let owed):
            write(owed, then: .closed, output: &output)
        case .open, .closing, .closed: break
        }
    }

    private mutating func write(
        _ close: ClosePayload,
        then next: Phase,
        output: inout ByteWriter
    ) {
        writer.write(.close, close.bytes.span, to: &output)
        phase = next
    }
}
