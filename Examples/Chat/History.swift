import Foundation

/// One message as everybody gets it.
struct ChatMessage: Codable, Equatable, Sendable {
    let name: String
    let message: String
    /// Milliseconds since 1970; no two messages of a room have the same.
    let timestamp: Int64
}

/// The last messages of a room.
struct History: Codable, Equatable, Sendable {
    /// How many are kept.
    static let messageCountMax = 100

    private(set) var messages: [ChatMessage] = []
    private var lastTimestamp: Int64 = 0

    /// Keeps one message more, and as many of the others as there is room for.
    ///
    /// Its timestamp is `now`, or as little later as makes it higher than the one before.
    mutating func append(name: String, message: String, now: Date) -> ChatMessage {
        let milliseconds = Int64(now.timeIntervalSince1970 * 1_000)
        lastTimestamp = max(milliseconds, lastTimestamp + 1)
        let entry = ChatMessage(name: name, message: message, timestamp: lastTimestamp)
        messages.append(entry)
        if messages.count > Self.messageCountMax { messages.removeFirst() }
        return entry
    }
}
