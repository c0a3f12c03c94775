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
    /// the name, so that no two keys give the same bytes.
    package init(of object: borrowing ObjectKey, key: PlacementKey) {
        value = object.name.withBytes { name in
            object.className.withBytes { Self.value($0, name, key: key) }
        }
    }

    /// Not inlined, for there would be one for each way in which two strings keep their bytes.
    @inline(never)
    private static func value(
        _ className: Span<UInt8>,
        _ name: Span<UInt8>,
        key: PlacementKey
    ) -> UInt16 {
        var hash = SipHash13(key: key)
        hash.combine(UInt8(truncatingIfNeeded: className.count))
        hash.combine(className)
        hash.combine(name)
        return UInt16(truncatingIfNeeded: hash.finalized() >> 48)
    }

    package static func < (first: PartitionID, second: PartitionID) -> Bool {
        first.value < second.value
    }

    package var description: String { String(value) }
}
