import Foundation

/// What a client says.
enum ClientFrame: Equatable {
    /// Who is here? The first frame, and whenever the client is in doubt.
    case hello
    /// To the client's own team.
    case wave
    /// Where the client is now.
    case move(x: Double, y: Double)

    /// Longer than any frame that can be meant.
    static let byteCountMax = 256

    private struct Fields: Decodable {
        var hello: Bool?
        var wave: Bool?
        var x: Double?
        var y: Double?
    }

    /// Nil for what is too long, or none of these as a JSON object.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.byteCountMax,
            let fields = try? JSONDecoder().decode(Fields.self, from: Data(bytes))
        else { return nil }
        if fields.hello == true {
            self = .hello
        } else if fields.wave == true {
            self = .wave
        } else if let x = fields.x, let y = fields.y {
            self = .move(x: x, y: y)
        } else {
            return nil
        }
    }
}

/// What a plane says.
struct PlaneFrame: Encodable {
    /// Which instance speaks: another one after each sleep, each move and each death of a node.
    struct Speaker: Encodable {
        let instance: String
        let epoch: UInt64
        let node: String
        /// How many frames this instance has sent before.
        let count: Int
    }

    /// One cursor, and the session that it belongs to.
    struct Member: Encodable {
        let id: String
        let cursor: Cursor
    }

    enum Kind: String, Encodable {
        /// Everybody, for the one who said hello: `id` is its own.
        case welcome
        /// Where one is, who may be new.
        case moved
        /// To a team: one of it has waved.
        case waved
        /// One is gone.
        case left
    }

    let kind: Kind
    let by: Speaker
    /// The session that it is about.
    let id: String
    /// With `moved`.
    var cursor: Cursor?
    /// With `welcome`.
    var members: [Member]?
    /// With `waved`: how many sockets have the tag.
    var reached: Int?

    /// As it is sent.
    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
