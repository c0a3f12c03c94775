package import Primitives

/// A class of objects as members tell each other of it: 32 bits of a hash of its name.
///
/// Two classes with one hash are taken for one: a node that runs only the other one of them then
/// answers that it does not know the class.
package struct ClassHash: Hashable, Comparable, Sendable {
    package let value: UInt32

    package init(_ value: UInt32) { self.value = value }

    /// The same for a name on every node of every cluster.
    package init(of className: borrowing String) {
        var hash = SipHash13(key: .zero)
        hash.combine(className.utf8Span.span)
        value = UInt32(truncatingIfNeeded: hash.finalized() >> 32)
    }

    package static func < (first: ClassHash, second: ClassHash) -> Bool {
        first.value < second.value
    }
}

/// The classes that one run of a node can run; they never change while it lives.
package struct ClassSet: Hashable, Sendable {
    /// Classes of one node.
    package static let countMax = 64
    /// Of a member that has said nothing: it runs everything.
    package static let any = ClassSet(sorted: nil)

    /// In order, each once; nil when it is every class.
    package let classes: [ClassHash]?

    private init(sorted classes: [ClassHash]?) { self.classes = classes }

    /// The `classes` must be at most `countMax`; nil when there are more.
    package init?(_ classes: some Sequence<ClassHash>) {
        let distinct = Set(classes).sorted()
        guard distinct.count <= Self.countMax else { return nil }
        self.init(sorted: distinct)
    }

    package func contains(_ name: ClassHash) -> Bool { classes.map { $0.contains(name) } ?? true }
}

/// `count u8`, 255 for every class, then four bytes for each in order.
extension ClassSet {
    private static let anyCount: UInt8 = 255

    func encode(to writer: inout ByteWriter) {
        guard let classes else { return writer.write(Self.anyCount) }
        writer.write(UInt8(truncatingIfNeeded: classes.count))
        for name in classes { writer.write(name.value) }
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        let count = try reader.uint8()
        guard count != Self.anyCount else {
            self = .any
            return
        }
        guard count <= Self.countMax else {
            throw .tooLong(length: Int(count), limit: Self.countMax)
        }
        var classes: [ClassHash] = []
        for _ in 0..<count {
            let name = ClassHash(try reader.uint32())
            if let last = classes.last, name <= last { throw .invalidValue }
            classes.append(name)
        }
        self.init(sorted: classes)
    }
}

/// Where an object falls, in every view of a cluster: its partition and its class.
///
/// Whoever asks often for the owner of one object keeps this, and hashes its name once.
package struct ObjectSlot: Hashable, Sendable {
    package let partition: PartitionID
    package let className: ClassHash

    package init(_ partition: PartitionID, _ className: ClassHash) {
        self.partition = partition
        self.className = className
    }

    package init(of object: ObjectKey, key: PlacementKey) {
        self.init(PartitionID(of: object, key: key), ClassHash(of: object.className))
    }
}
