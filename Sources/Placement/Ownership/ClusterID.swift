import Primitives

/// Which cluster something belongs to; clusters never merge.
///
/// The first half is the hash of the list of founders, so that two nodes which were given
/// different lists notice it; the second half is drawn when the cluster is founded, and is zero
/// until then.
package struct ClusterID: Hashable, Sendable, CustomStringConvertible {
    package let founders: UInt64
    package let unique: UInt64

    package init(founders: UInt64, unique: UInt64) {
        self.founders = founders
        self.unique = unique
    }

    /// What a node says that belongs to none and founds none.
    package static let none = ClusterID(founders: 0, unique: 0)

    /// False for `none` and for a cluster that is about to be founded.
    package var isFounded: Bool { unique != 0 }

    package var description: String { Self.hex(founders) + Self.hex(unique) }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension ClusterID {
    func encode(to writer: inout ByteWriter) {
        writer.write(founders)
        writer.write(unique)
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        founders = try reader.uint64()
        unique = try reader.uint64()
    }
}
