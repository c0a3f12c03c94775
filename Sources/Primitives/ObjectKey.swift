/// The full name of an object: its class and its name inside that class.
///
/// At any moment at most one live instance in the cluster answers to an `ObjectKey`.
package struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// A name is 1 to 1,024 bytes of UTF-8.
    package static let nameByteCountMax = 1_024
    /// A class is 1 to 128 bytes of UTF-8.
    package static let classByteCountMax = 128

    package let className: String
    package let name: String

    /// Nil when either part is empty or too long.
    package init?(className: String, name: String) {
        guard (1...Self.classByteCountMax).contains(className.utf8.count) else { return nil }
        guard (1...Self.nameByteCountMax).contains(name.utf8.count) else { return nil }
        self.className = className
        self.name = name
    }

    package static func < (first: ObjectKey, second: ObjectKey) -> Bool {
        (first.className, first.name) < (second.className, second.name)
    }

    package var description: String { "\(className)/\(name)" }
}
