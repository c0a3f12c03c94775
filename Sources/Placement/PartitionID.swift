package import Primitives

/// One of the 65,536 parts into which all objects are divided, the unit of ownership.
///
/// The number of partitions is a constant of the protocol: the id fits 16 bits in every frame.
package struct PartitionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many partitions there are, in every cluster.
    package static let count = 65_536

    package let value: UInt16

    package init(_ value: UInt16) { self.value = value }

    /// The partition of an object: the top 16 bits of the keyed hash of its class and name.
    ///
    /// What is hashed is the length of the class in one byte (it is at most 128), the class and
    /// the name, so that no two keys give the same bytes. Inlined up to the hash, for the strings
    /// are in registers where it is asked for.
    @inline(__always)
    package init(of object: borrowing ObjectKey, key: PlacementKey) {
        let head = object.className.withBytes { SipHead(behindItsLength: $0) }
        value =
            head.isWhole
            ? object.name.withBytes { Self.value(head, $0, key) }
            : Self.value(ofLong: object.className, object.name, key)
    }

    /// Not inlined, for there would be one for each way in which a string keeps its bytes.
    @inline(never)
    private static func value(_ head: SipHead, _ name: Span<UInt8>, _ key: PlacementKey) -> UInt16 {
        var hash = SipHash13(key: key, head: head)
        hash.combine(name)
        return UInt16(truncatingIfNeeded: hash.finalized() >> 48)
    }

    /// The same of a class that does not fit into a head.
    @inline(never)
    private static func value(
        ofLong className: String,
        _ name: String,
        _ key: PlacementKey
    ) -> UInt16 {
        var hash = SipHash13(key: key)
        hash.combine(UInt8(truncatingIfNeeded: className.utf8.count))
        hash.combine(className)
        hash.combine(name)
        return UInt16(truncatingIfNeeded: hash.finalized() >> 48)
    }

    package static func < (first: PartitionID, second: PartitionID) -> Bool {
        first.value < second.value
    }

    package var description: String { String(value) }
}
