/// The full name of an object: its class and its name inside that class.
///
/// At any moment at most one live instance in the cluster answers to an `ObjectKey`. Names are
/// bytes: two spellings that Unicode calls equivalent are two objects, as they are to the hash
/// that places them.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// A name is 1 to 1,024 bytes of UTF-8.
    public static let nameByteCountMax = 1_024
    /// A class is 1 to 128 bytes of UTF-8.
    public static let classByteCountMax = 128

    public let className: String
    public let name: String

    /// Nil when either part is empty or too long.
    public init?(className: String, name: String) {
        guard (1...Self.classByteCountMax).contains(className.utf8.count) else { return nil }
        guard (1...Self.nameByteCountMax).contains(name.utf8.count) else { return nil }
        self.className = className
        self.name = name
    }

    /// Agrees with the hash that is made for it: equal bytes are equal strings.
    public static func == (first: ObjectKey, second: ObjectKey) -> Bool {
        first.name.utf8.elementsEqual(second.name.utf8)
            && first.className.utf8.elementsEqual(second.className.utf8)
    }

    public static func < (first: ObjectKey, second: ObjectKey) -> Bool {
        if first.className.utf8.elementsEqual(second.className.utf8) {
            return first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
        }
        return first.className.utf8.lexicographicallyPrecedes(second.className.utf8)
    }

    public var description: String { "\(className)/\(name)" }
}
