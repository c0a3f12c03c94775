import Membership
import Primitives
import Testing

@Suite struct SwimMessageTests {
    private static let target = node("node-b")

    /// One of each kind, with the bytes it must have for ever.
    static let golden: [(SwimMessage, [UInt8])] = [
        (SwimMessage(.ping(sequence: 0x0102_0304)), [1, 1, 2, 3, 4]),
        (SwimMessage(.ack(sequence: 0x0102_0304)), [2, 1, 2, 3, 4]),
        (
            SwimMessage(.pingRequest(sequence: 7, waitMilliseconds: 320, target: target)),
            [3, 0, 0, 0, 7, 1, 64, 6] + Array("node-b".utf8)
        ),
        (SwimMessage(.nack(sequence: .max)), [4, 255, 255, 255, 255]),
        (SwimMessage(.gossip), [5]),
        (SwimMessage(.digest(hash: 0x0102_0304_0506_0708)), [6, 1, 2, 3, 4, 5, 6, 7, 8]),
        (SwimMessage(.table(answerWanted: true)), [7]),
        (SwimMessage(.table(answerWanted: false)), [8]),
        (SwimMessage(.gossip, updates: [alive]), [5] + aliveBytes),
        (SwimMessage(.gossip, updates: [suspect, alive]), [5] + suspectBytes + aliveBytes),
    ]

    /// What is between the length and the bytes of a name, all zero.
    static let nameless = [UInt8](repeating: 0, count: 18)
    private static let alive = MemberUpdate(
        id: node("b"),
        standing: Standing(.alive, incarnation: Incarnation(258), refutation: 3),
        record: MemberUpdate.Record(address: .loopback(port: 7_001), weight: 100)
    )
    private static let aliveBytes: [UInt8] =
        [1, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1, 98]
        + [4, 127, 0, 0, 1, 27, 89, 0, 100]
    private static let suspect = MemberUpdate(
        id: node("cd"),
        standing: Standing(.suspect, incarnation: Incarnation(1), refutation: 0),
        accuser: 0x0A0B_0C0D
    )
    private static let suspectBytes: [UInt8] =
        [2, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 10, 11, 12, 13, 0, 0, 99, 100]

    @Test func `every kind has exactly its bytes`() {
        for (message, bytes) in Self.golden { #expect(message.encoded == bytes) }
    }

    @Test func `every kind is read back as it was`() throws {
        for (message, bytes) in Self.golden {
            #expect(try SwimMessage(decoding: bytes[...]) == message)
        }
    }

    @Test func `an update with an address of version 6 is read back as it was`() throws {
        var update = Self.alive
        update.record?.address = SocketAddress(ip: .v6(1, .max), port: 65_535)
        let message = SwimMessage(.table(answerWanted: false), updates: [update])
        #expect(message.encoded.count == 1 + 21 + 21)
        #expect(try SwimMessage(decoding: message.encoded[...]) == message)
    }

    @Test func `a prefix is truncated, or the same message with fewer updates`() throws {
        for (message, bytes) in Self.golden {
            for count in 0..<bytes.count {
                guard let read = try? SwimMessage(decoding: bytes[..<count]) else { continue }
                #expect(read.kind == message.kind)
                #expect(read.updates.count < message.updates.count)
                #expect(message.updates.starts(with: read.updates))
            }
        }
    }

    @Test(
        arguments: [
            ([], .truncated),
            ([0], .invalidValue),
            ([9], .invalidValue),
            ([1, 0, 0, 0], .truncated),
            // A ping request for a node without a name, and for one that has a space in it.
            ([3, 0, 0, 0, 7, 0, 1, 0], .invalidValue),
            ([3, 0, 0, 0, 7, 0, 1, 1, 32], .invalidValue),
            // One byte behind a ping is no update.
            ([1, 0, 0, 0, 0, 1], .truncated),
            // A status that does not exist.
            ([5, 0] + Array(aliveBytes.dropFirst()), .invalidValue),
            ([5, 5] + Array(aliveBytes.dropFirst()), .invalidValue),
            // A name of 65 bytes.
            (
                [5, 1, 65] + nameless + Array(repeating: 97, count: 65),
                .tooLong(length: 65, limit: 64)
            ),
            // A flag that does not exist.
            ([5] + aliveBytes[..<18] + [0, 2, 98], .invalidValue),
            // An address of version 5.
            ([5] + aliveBytes[..<21] + [5] + aliveBytes[22...], .invalidValue),
        ] as [([UInt8], ByteError)]
    )
    func `bytes that are no message are refused`(bytes: [UInt8], error: ByteError) {
        #expect(throws: error) { try SwimMessage(decoding: bytes[...]) }
    }

    @Test func `a name of 64 bytes is taken, one of 65 is not`() throws {
        let longest = MemberUpdate(
            id: node(String(repeating: "n", count: 64)),
            standing: Self.suspect.standing
        )
        let message = SwimMessage(.gossip, updates: [longest])
        #expect(try SwimMessage(decoding: message.encoded[...]) == message)
        var bytes = message.encoded
        bytes[2] = 65
        bytes.append(110)
        #expect(throws: ByteError.tooLong(length: 65, limit: 64)) {
            try SwimMessage(decoding: bytes[...])
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `flipped bytes decode to something or nothing, and what decodes encodes the same`(
        seed: UInt64
    ) {
        var generator = SplitMix64(seed: seed)
        for (_, bytes) in Self.golden {
            for _ in 0..<50 {
                var flipped = bytes
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let index = Int.random(in: 0..<flipped.count, using: &generator)
                    flipped[index] ^= UInt8.random(in: 1...255, using: &generator)
                }
                guard let message = try? SwimMessage(decoding: flipped[...]) else { continue }
                #expect(message.encoded == flipped)
            }
        }
    }
}
