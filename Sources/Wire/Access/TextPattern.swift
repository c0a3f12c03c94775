/// A text in which each `*` stands for any text, of any length and with anything in it.
///
/// There is no way to write a star that stands for itself alone. Texts are compared by their bytes,
/// as the names of objects are.
package struct TextPattern: Hashable, Sendable, CustomStringConvertible {
    /// How many stars a pattern may have: each of them can cost one more look at the text.
    package static let starCountMax = 8

    private static let star = UInt8(ascii: "*")

    /// As it was written.
    package let text: String

    /// Nil for nothing, for more than `byteCountMax` bytes, and for too many stars.
    package init?(_ text: String, byteCountMax: Int) {
        guard (1...byteCountMax).contains(text.utf8.count),
            text.utf8.count(where: { $0 == Self.star }) <= Self.starCountMax
        else { return nil }
        self.text = text
    }

    /// Whether `value` is of this form.
    package func matches(_ value: String) -> Bool {
        let (pattern, bytes) = (Array(text.utf8), Array(value.utf8))
        var (place, index) = (0, 0)
        // Behind the last star, and where what it stands for ends so far.
        var retry: (place: Int, index: Int)?
        while index < bytes.count {
            if place < pattern.count, pattern[place] == Self.star {
                place += 1
                retry = (place, index)
            } else if place < pattern.count, pattern[place] == bytes[index] {
                (place, index) = (place + 1, index + 1)
            } else if let last = retry {
                retry = (last.place, last.index + 1)
                (place, index) = (last.place, last.index + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == Self.star }
    }

    package static func == (first: TextPattern, second: TextPattern) -> Bool {
        first.text.utf8.elementsEqual(second.text.utf8)
    }

    package var description: String { text }
}
