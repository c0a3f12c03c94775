import Placement
import Primitives
import Testing

@Suite struct PartitionIDTests {
    let key = PlacementKey(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)

    private func object(_ className: String, _ name: String) throws -> ObjectKey {
        try #require(ObjectKey(className: className, name: name))
    }

    @Test func `a partition is the top of the hash of length, class and name`() throws {
        var hash = SipHash13(key: key)
        let bytes = [4] + Array("Roomlobby".utf8)
        hash.combine(bytes.span)
        let partition = PartitionID(of: try object("Room", "lobby"), key: key)
        #expect(partition.value == UInt16(hash.finalized() >> 48))
        #expect(partition == PartitionID(21_044))
    }

    @Test func `so it is for texts of every length`() throws {
        let text = String((0..<128).map { Character(UnicodeScalar(UInt8(33 + $0 % 94))) })
        let lengths = Array(1...64) + [127, 128]
        for classCount in lengths {
            for nameCount in lengths {
                let (className, name) = (text.prefix(classCount), text.suffix(nameCount))
                var hash = SipHash13(key: key)
                let bytes = [UInt8(classCount)] + Array(className.utf8) + Array(name.utf8)
                hash.combine(bytes.span)
                let object = try object(String(className), String(name))
                #expect(
                    PartitionID(of: object, key: key).value == UInt16(hash.finalized() >> 48),
                    "\(classCount) and \(nameCount) bytes"
                )
            }
        }
    }

    @Test func `class and name do not run into each other`() throws {
        let first = PartitionID(of: try object("Room", "lobby"), key: key)
        let other = PartitionID(of: try object("Rooml", "obby"), key: key)
        #expect(first != other)
    }

    @Test func `another key is another partition`() throws {
        let object = try object("Room", "lobby")
        #expect(PartitionID(of: object, key: key) != PartitionID(of: object, key: .zero))
    }

    @Test func `names spread evenly`() throws {
        var counts = [Int](repeating: 0, count: 16)
        for number in 0..<8_000 {
            let partition = PartitionID(of: try object("Room", "user-\(number)"), key: key)
            counts[Int(partition.value >> 12)] += 1
        }
        #expect(counts.allSatisfy { (430...570).contains($0) }, "\(counts)")
    }
}
