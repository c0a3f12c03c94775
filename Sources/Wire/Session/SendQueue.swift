/// The messages that wait for one slow client whose policy may take some of them back.
///
/// What leaves is a part of what came, in the same order; nothing is ever cut. Whoever uses it has
/// the limit.
package struct SendQueue: Sendable {
    /// The key of a message, in bytes of UTF-8.
    package static let keyBytesMax = 255
    /// What a message takes beside its bytes, so that empty ones are bounded too.
    package static let overhead = 64

    private struct Entry: Sendable {
        let frame: [UInt8]
        let key: String?
    }

    /// Nil where a message was taken back.
    private var entries: [Entry?] = []
    /// The place of the first that has not left.
    private var head = 0
    /// The places of those that have a key.
    private var places: [String: Int] = [:]
    /// Messages that wait.
    package private(set) var count = 0
    /// Their bytes.
    package private(set) var byteCount = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }
    /// Places in memory, those of messages that are gone included.
    var heldPlaces: Int { entries.count }
    /// What they take of the limit.
    package var cost: Int { byteCount + count * Self.overhead }

    /// The messages that wait, the first one first.
    package var frames: some Sequence<[UInt8]> { entries.lazy.compactMap { $0?.frame } }

    /// Puts an encoded message behind those that wait.
    ///
    /// One with the same key that waits is taken back; true then. A key is at most `keyBytesMax`.
    package mutating func append(_ frame: [UInt8], key: String? = nil) -> Bool {
        var hasReplaced = false
        if let key {
            if let place = places[key] { hasReplaced = take(at: place) != nil }
            places[key] = entries.count
        }
        entries.append(Entry(frame: frame, key: key))
        count += 1
        byteCount += frame.count
        compactIfNeeded()
        return hasReplaced
    }

    /// The message that has waited longest.
    package mutating func popFirst() -> [UInt8]? {
        while head < entries.count {
            let place = head
            head += 1
            guard let entry = take(at: place) else { continue }
            if let key = entry.key { places[key] = nil }
            compactIfNeeded()
            return entry.frame
        }
        return nil
    }

    private mutating func take(at place: Int) -> Entry? {
        guard let entry = entries[place].take() else { return nil }
        count -= 1
        byteCount -= entry.frame.count
        return entry
    }

    /// Places that nobody uses are given back before they are more than those in use.
    private mutating func compactIfNeeded() {
        guard entries.count > 2 * count + 32 else { return }
        entries = entries[head...].filter { $0 != nil }
        head = 0
        for (place, entry) in entries.enumerated() {
            if let key = entry?.key { places[key] = place }
        }
    }
}
