import Foundation

/// What a client says: first its name, then messages.
struct ClientFrame: Decodable, Equatable {
    /// A name and a message may be as long, in UTF-16 code units.
    static let nameLengthMax = 32
    static let messageLengthMax = 256
    /// Longer than any frame that can be meant: four bytes for each code unit, escaped.
    static let byteCountMax = 4_096

    var name: String?
    var message: String?

    /// Nil for what is no JSON object of this form.
    init?(_ bytes: [UInt8]) {
        guard let frame = try? JSONDecoder().decode(ClientFrame.self, from: Data(bytes))
        else { return nil }
        self = frame
    }
}

/// What a room says.
enum RoomFrame: Encodable, Equatable {
    case joined(String)
    case quit(String)
    case message(ChatMessage)
    /// All of the past has been told.
    case ready
    case error(String)
    /// Everyone who is in the room: said when some may be gone without a word.
    case here([String])

    private enum Key: String, CodingKey {
        case joined
        case quit
        case ready
        case error
        case here
    }

    func encode(to encoder: any Encoder) throws {
        if case .message(let message) = self { return try message.encode(to: encoder) }
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .joined(let name): try container.encode(name, forKey: .joined)
        case .quit(let name): try container.encode(name, forKey: .quit)
        case .ready: try container.encode(true, forKey: .ready)
        case .error(let text): try container.encode(text, forKey: .error)
        case .here(let names): try container.encode(names, forKey: .here)
        case .message: break  // Above: it has no key of its own.
        }
    }

    /// As it is sent.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
