import Primitives
import Testing

@testable import Placement

/// How classes cross to other nodes, and come back from a disk.
@Suite struct ClassCodecTests {
    private func member(_ number: Int, _ classes: ClassSet) throws -> OwnershipMember {
        OwnershipMember(
            run: NodeRun(id: try node("node-\(number + 1_000)"), incarnation: Incarnation(7)),
            address: SocketAddress(ip: .v4(UInt32(number)), port: 1),
            classes: classes
        )
    }

    private func view(_ sets: [ClassSet]) throws -> OwnershipView {
        var view = OwnershipView.none(cluster: ClusterID(founders: 1, unique: 2))
        view.epoch = Epoch(9)
        view.stable = Epoch(9)
        for (number, set) in sets.enumerated() { view.insert(try member(number, set)) }
        view.voters = view.members.prefix(1).map(\.id)
        view.votersSince = Epoch(9)
        return view
    }

    private func roundTrip(_ view: OwnershipView) throws -> OwnershipView {
        try OwnershipView(decoding: view.encoded[...])
    }

    @Test func `a set comes back as it was, and only in order`() throws {
        for set in [ClassSet.any, try classSet(), try classSet("A", "B", "C")] {
            var writer = ByteWriter()
            set.encode(to: &writer)
            var reader = ByteReader(writer.bytes[...])
            #expect(try ClassSet(from: &reader) == set)
            try reader.finish()
        }
        for bytes in [[2, 0, 0, 0, 2, 0, 0, 0, 1], [2, 0, 0, 0, 1, 0, 0, 0, 1]] as [[UInt8]] {
            var reader = ByteReader(bytes[...])
            #expect(throws: ByteError.invalidValue) { try ClassSet(from: &reader) }
        }
        var reader = ByteReader([65][...])
        #expect(throws: ByteError.tooLong(length: 65, limit: 64)) { try ClassSet(from: &reader) }
    }

    @Test func `a member that joins tells what it runs`() throws {
        let message = OwnershipMessage.join(
            try member(1, try classSet("A", "B")),
            isPredecessorDead: true
        )
        let envelope = OwnershipEnvelope(
            cluster: .none,
            sender: try member(1, .any).run,
            epoch: .none,
            stable: .none,
            released: .none,
            message: message
        )
        #expect(try OwnershipEnvelope(decoding: envelope.encoded[...]) == envelope)
    }

    @Test func `a view and its history keep what each member runs`() throws {
        let sets = [try classSet("A"), try classSet("A", "B"), .any, try classSet("A")]
        var view = try view(sets)
        view.stable = Epoch(7)
        view.history = [
            PastView(epoch: Epoch(7), members: try self.view([try classSet("C")]).asPast.members),
            PastView(
                epoch: Epoch(8),
                members: try self.view(Array(sets.reversed())).asPast.members
            ),
        ]
        #expect(try roundTrip(view) == view)
    }

    @Test func `a thousand members that run the same cost little more than without classes`() throws
    {
        let names = (0..<ClassSet.countMax).map { ClassHash(of: "class \($0)") }
        let set = try #require(ClassSet(names))
        let many = try view(Array(repeating: set, count: 1_000))
        let silent = try view(Array(repeating: .any, count: 1_000))
        #expect(many.encoded.count == silent.encoded.count + 4 * names.count)
        #expect(try roundTrip(many) == many)
    }

    @Test func `a view with more groups of classes than one may have is none`() throws {
        let sets = try (0...ClassGroups.countMax).map { try classSet("class \($0)") }
        let full = try view(Array(sets.dropLast()))
        #expect(try roundTrip(full) == full)
        let tooMany = try view(sets)
        #expect(throws: ByteError.invalidValue) { try roundTrip(tooMany) }
        // Each of several views may have its own.
        var moving = full
        moving.stable = Epoch(8)
        moving.history = [
            PastView(epoch: Epoch(8), members: try view([sets[sets.count - 1]]).asPast.members)
        ]
        #expect(try roundTrip(moving) == moving)
    }

    @Test func `an index of no set is refused`() throws {
        var bytes = try view([.any]).encoded
        // The epoch, the cluster, the key; then one set of one byte, and one member with its index.
        let place = 8 + 16 + 16
        #expect(Array(bytes[place..<place + 3]) == [0, 1, 255])
        bytes[place + 1] = 0
        bytes.remove(at: place + 2)
        #expect(throws: ByteError.invalidValue) { try OwnershipView(decoding: bytes[...]) }
    }

    /// As the first version has written it: without sets, and members without an index.
    @Test func `a state of the first version is one of members that run everything`() throws {
        let current = try view([.any])
        var writer = ByteWriter()
        writer.write(Array("ROOK".utf8) + [1])
        NodeRun(id: try node("n"), incarnation: Incarnation(3)).encode(to: &writer)
        writer.write(current.epoch.value)
        current.cluster.encode(to: &writer)
        writer.write(current.key.low)
        writer.write(current.key.high)
        writer.write(UInt16(1))
        current.members[0].encodeWithoutClasses(to: &writer)
        writer.write([1, 0, 0])
        writer.write(current.voterGeneration)
        writer.write(current.votersSince.value)
        writer.write(UInt16(0))
        writer.write(current.stable.value)
        writer.write(UInt16(0))
        writer.write(UInt16(0))
        writer.write(UInt16(1))
        current.members[0].run.encode(to: &writer)
        writer.write([0, 0])
        writer.write(CRC32C.checksum(writer.bytes))
        let state = try PersistentState(decoding: writer.bytes)
        #expect(state.view == current)
        #expect(state.incarnation == Incarnation(3))
        #expect(state.encoded[4] == 2)
        #expect(try PersistentState(decoding: state.encoded) == state)
    }
}
