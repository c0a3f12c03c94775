import Foundation
public import Wire

/// How values cross where people may read them: keys in order, so that equal values are equal texts.
///
/// The one place for it, for authors' values as for what a node tells its operators and peers.
package enum JSON {
    /// A value as UTF-8 text on one line; throws what its `encode(to:)` throws.
    package static func bytes(of value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    static func value<Value: Decodable>(of bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(bytes))
    }
}

extension Response {
    /// A value as JSON, with its keys in order.
    public static func json(encoding value: some Encodable, status: Int = 200) throws -> Response {
        .json(try JSON.bytes(of: value), status: status)
    }
}

extension Request {
    /// The value that the body is as JSON; throws a `DecodingError` when it is none.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSON.value(of: body)
    }
}

extension WebSocketMessage {
    /// A text message that is a value as JSON, with its keys in order.
    public init(encoding value: some Encodable) throws {
        self.init(kind: .text, payload: try JSON.bytes(of: value))
    }

    /// The value that the message is as JSON, be it text or binary; throws a `DecodingError` when it
    /// is none.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSON.value(of: payload)
    }
}
