/// Fields that clients of WebSockets send, by which a number of one byte can stand for them.
///
/// Of some only the name is the same for all, of others the value too. For what is in memory alone:
/// the numbers may be others in another version.
struct CommonFields {
    struct Entry {
        let name: Range<Int>
        /// Nil where the value is each client's own.
        let value: Range<Int>?
    }

    /// All names and values in one piece, so that a look at them counts no references.
    let text: [UInt8]
    /// By the length of their names.
    let entries: [Entry]
    /// Where those of each length are, up to the longest.
    private let places: [Range<Int>]

    /// Whole fields stand before what has only their name; below 256 in all, and in any order else.
    static let all = CommonFields([
        ("Connection", "Upgrade"),
        ("Connection", "keep-alive, Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("Cache-Control", "no-cache"),
        ("Pragma", "no-cache"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Accept", "*/*"),
        ("Sec-Fetch-Dest", "empty"),
        ("Sec-Fetch-Dest", "websocket"),
        ("Sec-Fetch-Mode", "websocket"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "same-site"),
        ("X-Forwarded-Proto", "https"),
        ("Host", nil),
        ("Sec-WebSocket-Key", nil),
        ("Sec-WebSocket-Protocol", nil),
        ("Sec-WebSocket-Extensions", nil),
        ("Origin", nil),
        ("User-Agent", nil),
        ("Accept-Language", nil),
        ("Accept-Encoding", nil),
        ("Cookie", nil),
        ("Authorization", nil),
        ("Forwarded", nil),
        ("X-Forwarded-For", nil),
        ("X-Forwarded-Host", nil),
        ("X-Forwarded-Proto", nil),
        ("X-Request-Id", nil),
        ("Via", nil),
        ("traceparent", nil),
        ("tracestate", nil),
    ])

    private init(_ fields: [(name: String, value: String?)]) {
        var text: [UInt8] = []
        func append(_ part: String) -> Range<Int> {
            let start = text.count
            text += part.utf8
            return start..<text.count
        }
        let entries = fields.map { Entry(name: append($0.name), value: $0.value.map(append)) }
        let longest = entries.map(\.name.count).max() ?? 0
        let groups = (0...longest).map { count in entries.filter { $0.name.count == count } }
        self.entries = groups.flatMap { $0 }
        places = groups.reduce(into: []) { places, group in
            let start = places.last?.upperBound ?? 0
            places.append(start..<(start + group.count))
        }
        self.text = text
    }

    /// The first entry that says what the field does, letter by letter.
    func index(of name: Span<UInt8>, _ value: Span<UInt8>) -> Int? {
        guard name.count < places.count else { return nil }
        return places[name.count].first { index in
            let entry = entries[index]
            return has(name, at: entry.name) && (entry.value.map { has(value, at: $0) } ?? true)
        }
    }

    private func has(_ bytes: Span<UInt8>, at range: Range<Int>) -> Bool {
        guard bytes.count == range.count else { return false }
        for offset in bytes.indices where bytes[offset] != text[range.lowerBound + offset] {
            return false
        }
        return true
    }
}
