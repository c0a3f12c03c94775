/// Takes the bytes of `GET /cluster/events` apart.
///
/// Only what a node sends is understood: an event has one line of data.
package struct EventStreamReader: Sendable {
    /// A longer line is none of a node's; the stream is given up.
    package static let lineBytesMax = 64 << 10

    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private(set) package var lastID: String?

    package init() {}

    /// The data of the events that are whole now; nil when a line is too long.
    package mutating func append(_ bytes: [UInt8]) -> [[UInt8]]? {
        var events: [[UInt8]] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                guard line.count <= Self.lineBytesMax else { return nil }
                continue
            }
            if line.isEmpty {
                if !data.isEmpty { events.append(data) }
                data = []
            } else if line.starts(with: "data: ".utf8) {
                data = Array(line.dropFirst(6))
            } else if line.starts(with: "id: ".utf8) {
                lastID = String(decoding: line.dropFirst(4), as: UTF8.self)
            }
            line = []
        }
        return events
    }
}
