import Primitives
import Testing

@testable import Wire

/// The tags and the attachment of a socket, and how the heads of the link carry them.
@Suite struct SocketNotesTests {
    private func notes(_ tags: [String], _ attachment: [UInt8]?) throws -> SocketNotes {
        var notes = SocketNotes(tags: try SocketTags(tags))
        try notes.setAttachment(attachment)
        return notes
    }

    private func request(
        _ notes: SocketNotes,
        value: String = "b",
        name: String = "lobby"
    ) throws -> LinkRequestHead {
        LinkRequestHead(
            key: try #require(ObjectKey(className: "Room", name: name)),
            kind: .webSocket,
            method: "GET",
            target: "/",
            headers: [LinkHeaderField(name: "a", value: value)],
            peerAddress: SocketAddress("[2001:db8::1]:443"),
            sessionID: 1,
            epoch: 2,
            resumed: true,
            notes: notes
        )
    }

    /// The largest that an object may note.
    private func largest() throws -> SocketNotes {
        let tags = (0..<10).map { "\($0)" + String(repeating: "\u{1F600}", count: 255) }
        var notes = try notes(tags, [UInt8](repeating: 7, count: 16_384))
        let long = String(repeating: "a", count: 2_041)
        let texts = (0..<8).map { (request: "\($0)", response: long + ($0 < 3 ? "b" : "")) }
        notes.autoResponses = try AutoResponses(texts, number: 1)
        notes.sendPolicy = .coalesce
        return notes
    }

    // MARK: - Limits

    @Test func `what is set back is as if never set, and a copy keeps what it had`() throws {
        var notes = SocketNotes()
        try notes.setAttachment([1])
        notes.sendPolicy = .coalesce
        let copy = notes
        try notes.setAttachment(nil)
        notes.set(.sendPolicy(.close))
        #expect(notes == SocketNotes())
        #expect(!notes.hasSettings)
        #expect(copy != notes)
        #expect(copy.attachment == [1])
        #expect(copy.sendPolicy == .coalesce)
    }

    @Test func `10 distinct tags pass and 11 do not`() throws {
        let most = (1...10).map { "\($0)" }
        #expect(try SocketTags(most + ["1", "10"]).list == most)
        #expect(throws: SocketNotesError.tooManyTags(limit: 10)) { try SocketTags(most + ["11"]) }
    }

    @Test func `a tag of 256 characters passes, and one of 257 or of none does not`() throws {
        let most = String(repeating: "\u{1F600}", count: 256)
        #expect(try SocketTags([most]).list == [most])
        #expect(throws: SocketNotesError.tagTooLong(count: 257, limit: 256)) {
            try SocketTags([most + "a"])
        }
        #expect(throws: SocketNotesError.emptyTag) { try SocketTags(["a", ""]) }
    }

    @Test func `an attachment of 16,384 bytes passes, and a larger one changes nothing`() throws {
        let most = [UInt8](repeating: 1, count: 16_384)
        var notes = try notes([], most)
        #expect(notes.attachment == most)
        #expect(throws: SocketNotesError.attachmentTooLarge(count: 16_385, limit: 16_384)) {
            try notes.setAttachment(most + [1])
        }
        #expect(notes.attachment == most)
        try notes.setAttachment(nil)
        #expect(notes.attachment == nil)
    }

    // MARK: - Heads

    @Test func `a request head has tags and attachment behind its fields`() throws {
        let bare = try request(SocketNotes()).encoded()
        let head = try request(notes(["x", "yz"], [0xAB, 0xCD]))
        #expect(bare[0] == 0x0B)
        #expect(
            try head.encoded()
                == [0x3B] + bare[1...] + bytes(hex: "02 0001 78 0002 797A 0002 ABCD")
        )
        #expect(try LinkRequestHead(head.encoded()) == head)
    }

    @Test func `each of the two comes alone too, and an empty attachment is one`() throws {
        for (tags, attachment, bits) in [
            (["x"], nil, 0x1B), ([], [1], 0x2B), ([], [], 0x2B), ([], nil, 0x0B),
        ] as [([String], [UInt8]?, UInt8)] {
            let head = try request(notes(tags, attachment))
            #expect(try head.encoded()[0] == bits)
            #expect(try LinkRequestHead(head.encoded()) == head)
        }
    }

    @Test func `an answer has the tags behind its fields`() throws {
        let head = LinkResponseHead(status: 101, headers: [], tags: try SocketTags(["x"]))
        #expect(try head.encoded() == bytes(hex: "10 0065 0000 01 0001 78"))
        #expect(try LinkResponseHead(head.encoded()) == head)
        let encoded = try head.encoded()
        for count in 0..<encoded.count {
            #expect(throws: ByteError.self) { try LinkResponseHead(Array(encoded[..<count])) }
        }
    }

    @Test func `a request head has settings behind the notes`() throws {
        var notes = try notes(["x"], nil)
        let before = try request(notes).encoded()
        notes.sendPolicy = .dropOldest
        notes.autoResponses = try AutoResponses([(request: "a", response: "b")], number: 2)
        let head = try request(notes)
        let settings = bytes(hex: "01 00000002 01 0001 61 0001 62")
        #expect(try head.encoded() == [before[0] | 0x80] + before[1...] + settings)
        #expect(try LinkRequestHead(head.encoded()) == head)
        var wrong = try head.encoded()
        wrong[wrong.count - settings.count] = 3
        #expect(throws: ByteError.invalidValue) { try LinkRequestHead(wrong) }
    }

    @Test func `a request of 16 KiB fits into a head with the most that may be noted`() throws {
        let value = String(repeating: "v", count: 16_384)
        let name = String(repeating: "n", count: ObjectKey.nameByteCountMax)
        let head = try request(largest(), value: value, name: name)
        let encoded = try head.encoded()
        #expect(encoded.count > 16_384 + 16_384 + 10 * 1_021 + 16_384)
        #expect(encoded.count <= LinkLimits.headBytesMax)
        #expect(try LinkRequestHead(encoded) == head)
    }

    @Test func `a session that could be opened can be resumed with the most that may be noted`()
        throws
    {
        let rest = try request(SocketNotes(), value: "").encoded().count
        let room = LinkLimits.headBytesMax - SocketNotes.encodedBytesMax - rest
        let most = String(repeating: "v", count: room)
        for notes in [SocketNotes(), try largest()] {
            #expect(try request(notes, value: most).encoded().count <= LinkLimits.headBytesMax)
            #expect(throws: LinkRefusal.headTooLong(count: 65_537, limit: 65_536)) {
                try request(notes, value: most + "v").encoded()
            }
        }
    }

    // MARK: - A peer's bytes

    @Test func `every prefix of a head with notes is refused, and so is a byte too many`() throws {
        let encoded = try request(notes(["x", "yz"], [1, 2, 3])).encoded()
        for count in 0..<encoded.count {
            #expect(throws: ByteError.self) { try LinkRequestHead(Array(encoded[..<count])) }
        }
        #expect(throws: ByteError.trailing(count: 1)) { try LinkRequestHead(encoded + [0]) }
    }

    @Test(arguments: [
        ("0B 0001 61", ByteError.tooLong(length: 11, limit: 10)),
        ("01 0401 61", .tooLong(length: 1_025, limit: 1_024)),
        ("01 0000", .invalidValue),
        ("02 0001 61 0001 61", .invalidValue),
        ("01 0001 FF", .invalidText),
    ])
    func `tags that no object can have set are refused`(tags: String, error: ByteError) {
        #expect(throws: error) { try LinkResponseHead(bytes(hex: "10 0065 0000" + tags)) }
    }

    @Test func `a tag of 257 characters is refused, however few bytes it has`() {
        let tag = String(repeating: "61", count: 257)
        #expect(throws: ByteError.invalidValue) {
            try LinkResponseHead(bytes(hex: "10 0065 0000 01 0101" + tag))
        }
    }

    @Test func `an attachment above the limit is refused before it is there`() throws {
        var encoded = try request(notes([], [])).encoded()
        encoded.replaceSubrange(encoded.count - 2..<encoded.count, with: [0x40, 0x01])
        #expect(throws: ByteError.tooLong(length: 16_385, limit: 16_384)) {
            try LinkRequestHead(encoded)
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `a head with wrong bytes is read or refused`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var damaged = try request(notes(["x", "yz"], [1, 2, 3])).encoded()
        for _ in 0..<3 {
            let place = Int.random(in: damaged.indices, using: &random)
            damaged[place] = .random(in: 0...255, using: &random)
        }
        guard let head = try? LinkRequestHead(damaged) else { return }
        #expect(head.notes.tags.list.count <= 10)
        #expect((head.notes.attachment?.count ?? 0) <= 16_384)
    }
}
