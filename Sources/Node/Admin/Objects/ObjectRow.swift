import Primitives

/// One object in a list.
package struct ObjectRow: Codable, Equatable, Sendable {
    package var className: String
    package var name: String
    package var node: String
    package var state: ObjectReport.State
    /// Since when it is so, in ISO 8601; nil where that is not known.
    package var since: String?
    package var sessions: Int
    package var messages: UInt64
    package var bytes: UInt64
    package var cpuMilliseconds: Double

    private enum CodingKeys: String, CodingKey {
        case className = "class"
        case name, node, state, since, sessions, messages, bytes, cpuMilliseconds
    }
}

/// The same on its way from the object's loop to whoever asks: nothing is put into words yet.
struct ObjectEntry: Equatable, Sendable {
    let key: ObjectKey
    var node: String
    let state: ObjectReport.State
    /// Milliseconds since 1970; zero where that is not known.
    let since: UInt64
    let sessions: UInt32
    let messages: UInt64
    let bytes: UInt64
    let handlerNanoseconds: UInt64

    func rank(by sort: ObjectQuery.Sort) -> ObjectRank {
        let value: UInt64 =
            switch sort {
            case .name: 0
            case .messages: messages
            case .cpu: handlerNanoseconds
            case .sessions: UInt64(sessions)
            }
        return ObjectRank(value: value, key: key)
    }

    var row: ObjectRow {
        ObjectRow(
            className: key.className,
            name: key.name,
            node: node,
            state: state,
            since: since == 0 ? nil : WallClock.text(Int64(clamping: since)),
            sessions: Int(sessions),
            messages: messages,
            bytes: bytes,
            cpuMilliseconds: Double(handlerNanoseconds) / 1_000_000
        )
    }
}

extension ObjectEntry {
    /// What `encode` writes.
    var byteCount: Int { 40 + key.className.utf8.count + key.name.utf8.count }

    /// Whoever asks knows the node.
    func encode(to writer: inout ByteWriter) {
        writer.writeText8(key.className)
        writer.writeText16(key.name)
        writer.write(state.code)
        writer.write(since)
        writer.write(sessions)
        writer.write(messages)
        writer.write(bytes)
        writer.write(handlerNanoseconds)
    }

    init(from reader: inout ByteReader, node: String) throws(ByteError) {
        let (className, name) = (try reader.text8(), try reader.text16())
        guard let key = ObjectKey(className: className, name: name) else {
            throw .invalidValue
        }
        self.init(
            key: key,
            node: node,
            state: ObjectReport.State(code: try reader.uint8()),
            since: try reader.uint64(),
            sessions: try reader.uint32(),
            messages: try reader.uint64(),
            bytes: try reader.uint64(),
            handlerNanoseconds: try reader.uint64()
        )
    }
}

extension ObjectReport.State {
    /// What a later version has is unknown here.
    fileprivate init(code: UInt8) {
        self =
            switch code {
            case 1: .live
            case 2: .hibernated
            case 3: .moving
            case 4: .frozen
            case 5: .idle
            default: .unknown
            }
    }

    fileprivate var code: UInt8 {
        switch self {
        case .unknown: 0
        case .live: 1
        case .hibernated: 2
        case .moving: 3
        case .frozen: 4
        case .idle: 5
        }
    }
}
