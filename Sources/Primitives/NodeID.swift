/// The identity of a node: the name its operator gave it, unique in the cluster.
///
/// An identity is never an address: a node that comes back with another address is the same node,
/// and another process under the same name is told apart by its `Incarnation`. One to 64 bytes of
/// `A-Z a-z 0-9 . _ -`.
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let byteCountMax = 64

    public let name: String

    /// Nil when `name` is empty, too long, or has a byte that is not allowed.
    public init?(_ name: String) {
        guard (1...Self.byteCountMax).contains(name.utf8.count) else { return nil }
        guard name.utf8.allSatisfy(Self.allows) else { return nil }
        self.name = name
    }

    /// The same from bytes that a peer sent.
    package init?(bytes: ArraySlice<UInt8>) {
        guard (1...Self.byteCountMax).contains(bytes.count) else { return nil }
        guard bytes.allSatisfy(Self.allows) else { return nil }
        name = String(decoding: bytes, as: UTF8.self)
    }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    public static func < (first: NodeID, second: NodeID) -> Bool { first.name < second.name }

    public var description: String { name }
}

/// Which run of a node this is: larger for every later start of the same `NodeID`.
package struct Incarnation: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    package static func < (first: Incarnation, second: Incarnation) -> Bool {
        first.value < second.value
    }

    package var description: String { String(value) }
}

/// The number of a placement view.
///
/// Larger is later; zero is "no view yet".
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: UInt64

    public init(_ value: UInt64) { self.value = value }

    package static let none = Epoch(0)

    /// The last one there is has itself as its next: a peer's number must not end the process.
    package var next: Epoch { Epoch(max(value, value &+ 1)) }

    public static func < (first: Epoch, second: Epoch) -> Bool { first.value < second.value }

    public var description: String { String(value) }
}
