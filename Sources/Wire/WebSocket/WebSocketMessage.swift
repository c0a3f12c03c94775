/// A whole message, whatever the number of frames that carried it.
public struct WebSocketMessage: Equatable, Sendable {
    /// How the payload is to be read.
    public enum Kind: Equatable, Sendable {
        case text
        case binary

        /// The opcode of the first frame of a message of this kind.
        package var opcode: Opcode {
            switch self {
            case .text: .text
            case .binary: .binary
            }
        }
    }

    public internal(set) var kind: Kind
    /// Valid UTF-8 in a text message that was received; the sender's duty in one to be sent.
    public internal(set) var payload: [UInt8]
    /// Which message of its session this is, counted from zero; set where the object gets it.
    public var sequence: UInt64 = 0
    /// True when an owner that is gone may have handled it before, so that it may come twice.
    public var isRedelivered = false

    public init(kind: Kind, payload: [UInt8]) {
        self.kind = kind
        self.payload = payload
    }

    public init(text: String) { self.init(kind: .text, payload: [UInt8](text.utf8)) }
}
