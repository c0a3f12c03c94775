import Foundation
import Transport
public import Wire

// What an object keeps with a socket: it comes along when the object moves, and survives the death
// of the object's node, because the node of the client holds a copy. All of it is for the object's
// own handlers.
extension WebSocket {
    /// The bytes that were set last, by this instance or an earlier one; nil when there are none.
    public var attachment: [UInt8]? { socket.onLoop.notes.attachment }

    /// Keeps `bytes` with the socket instead of what was there; nil takes it away.
    ///
    /// At most `SocketNotes.attachmentBytesMax` (16,384) bytes; more is refused and changes nothing.
    public func setAttachment(_ bytes: [UInt8]?) throws(SocketNotesError) {
        let socket = socket.onLoop
        if socket.life == life { try socket.setAttachment(bytes) }
    }

    /// Keeps a value with the socket, as JSON; the limit counts the JSON.
    public func setAttachment(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try setAttachment(Array(encoder.encode(value)))
    }

    /// The value that was kept by `setAttachment(encoding:)`; nil when there is none.
    public func attachment<Value: Decodable>(as type: Value.Type) throws -> Value? {
        guard let bytes = attachment else { return nil }
        return try JSONDecoder().decode(type, from: Data(bytes))
    }
}
