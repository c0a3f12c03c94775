package import Primitives

/// One run of a node: its id, and which start of it.
///
/// Leases, releases and removals belong to a run, never to a node: what is promised to a process
/// must not be claimed by its successor.
package struct NodeRun: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let id: NodeID
    package let incarnation: Incarnation

    package init(id: NodeID, incarnation: Incarnation) {
        self.id = id
        self.incarnation = incarnation
    }

    package static func < (first: NodeRun, second: NodeRun) -> Bool {
        (first.id, first.incarnation) < (second.id, second.incarnation)
    }

    package var description: String { "\(id)#\(incarnation)" }
}

/// `length of the id u8, id, incarnation u64`.
extension NodeRun {
    func encode(to writer: inout ByteWriter) {
        writer.writeText8(id.name)
        writer.write(incarnation.value)
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        id = try NodeID(from: &reader)
        incarnation = Incarnation(try reader.uint64())
    }
}

extension NodeID {
    init(from reader: inout ByteReader) throws(ByteError) {
        let name = try reader.slice(count: Int(reader.uint8()), limit: Self.byteCountMax)
        guard let id = NodeID(bytes: name) else { throw .invalidValue }
        self = id
    }
}
