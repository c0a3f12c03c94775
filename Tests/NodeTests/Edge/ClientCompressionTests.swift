import Deflate
import Primitives
import Testing
import Wire

@testable import Node

#if Compression
@Suite struct ClientCompressionTests {
    private func loop(
        connection: Int = 1 << 20,
        node: Int = 1 << 30,
        change: (inout CompressionSettings) -> Void = { _ in }
    ) throws -> LoopCompression {
        var settings = CompressionSettings(budget: CompressionBudget(bytes: node))
        settings.connectionBytesMax = connection
        change(&settings)
        return try #require(LoopCompression(settings))
    }

    private func agree(
        _ offer: String = "permessage-deflate; client_max_window_bits",
        on loop: LoopCompression
    ) throws -> ClientCompression {
        let offers = try #require(ExtensionOffer.list([offer]))
        var tally = Tally()
        return try #require(loop.agree(on: offers, tally: &tally))
    }

    /// What a client with a window of its own makes of frames of the server.
    private func read(_ frames: [[UInt8]], keeping: Bool) throws -> [[UInt8]] {
        let inflater = try #require(Inflater(windowBits: 15))
        return try frames.map { frame in
            let payload = Array(frame[FrameWriter.payloadStart(of: frame)...])
            guard frame[0] & 0x40 != 0 else { return payload }
            if !keeping { inflater.forget() }
            return try inflater.inflate(payload, limit: 1 << 24)
        }
    }

    private static let text = [UInt8](String(repeating: "one rook, two rooks. ", count: 40).utf8)
    private static let frame = FrameWriter.encode(.text, text.span)

    @Test func `who offers nothing gets nothing`() throws {
        let offers = try #require(ExtensionOffer.list(["foo"]))
        var tally = Tally()
        #expect(try loop().agree(on: offers, tally: &tally) == nil)
    }

    @Test func `messages to a client that keeps its window refer to earlier ones`() throws {
        let client = try agree(on: loop())
        let frames = (0..<3).map { _ in client.frame(for: Self.frame) }
        #expect(frames.allSatisfy { $0[0] == 0xC1 })
        #expect(frames[1].count < frames[0].count / 2)
        #expect(try read(frames, keeping: true) == [Self.text, Self.text, Self.text])
    }

    @Test func `without memory for a connection every message stands for itself`() throws {
        let loop = try loop(connection: 0)
        let client = try agree(on: loop)
        #expect(!client.terms.serverKeepsContext)
        #expect(!client.terms.clientKeepsContext)
        let frames = (0..<3).map { _ in client.frame(for: Self.frame) }
        #expect(frames[0] == frames[2])
        #expect(try read(frames, keeping: false) == [Self.text, Self.text, Self.text])
    }

    @Test func `a frame for many clients without windows is compressed once`() throws {
        let loop = try loop(connection: 0)
        let (one, other) = (try agree(on: loop), try agree(on: loop))
        let (first, second) = (one.frame(for: Self.frame), other.frame(for: Self.frame))
        let isOne = first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { first.baseAddress == $0.baseAddress }
        }
        #expect(isOne)
        loop.forgetLast()
        #expect(other.frame(for: Self.frame) == first)
    }

    @Test func `a message that compression makes longer goes as it is`() throws {
        var random: UInt64 = 1
        let noise = (0..<500).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1
            return UInt8(random >> 56)
        }
        let frame = FrameWriter.encode(.binary, noise.span)
        #expect(try agree(on: loop(connection: 0)).frame(for: frame) == frame)
        // Where the next message may refer to it, it has to go through the compression.
        let kept = try agree(on: loop()).frame(for: frame)
        #expect(kept[0] == 0xC2)
        #expect(try read([kept], keeping: true) == [noise])
    }

    @Test func `short and very long messages go as they are`() throws {
        let client = try agree(on: loop { $0.messageBytesMin = 100 })
        for (count, isCompressed) in [
            (0, false), (99, false), (100, true), (CompressionSettings.messageBytesMax, true),
            (CompressionSettings.messageBytesMax + 1, false),
        ] {
            let payload = [UInt8](repeating: 97, count: count)
            let frame = FrameWriter.encode(.text, payload.span)
            #expect((client.frame(for: frame)[0] == 0xC1) == isCompressed, "\(count) bytes")
        }
    }

    @Test func `a connection keeps as much as it may, and one byte less is too little`() throws {
        let both = try agree(on: loop()).terms.keptBytes
        #expect(try agree(on: loop(connection: both)).terms.serverKeepsContext)
        let less = try agree(on: loop(connection: both - 1)).terms
        #expect(!less.serverKeepsContext)
        #expect(less.clientKeepsContext)
        let client = less.keptBytes
        #expect(try agree(on: loop(connection: client)).terms.clientKeepsContext)
        #expect(try !agree(on: loop(connection: client - 1)).terms.clientKeepsContext)
    }

    @Test func `the memory of the node is shared out, and comes back`() throws {
        let each = try agree(on: loop()).terms.keptBytes
        let loop = try loop(node: 2 * each)
        let budget = loop.settings.budget
        var clients = [try agree(on: loop), try agree(on: loop)]
        #expect(budget.bytesLeft == 0)
        #expect(clients.map(\.terms.serverKeepsContext) == [true, true])
        var tally = Tally()
        let offers = try #require(ExtensionOffer.list(["permessage-deflate"]))
        clients.append(try #require(loop.agree(on: offers, tally: &tally)))
        #expect(tally["compression_memory"] == 2)
        #expect(clients[2].terms.keptBytes == 0)
        clients.removeFirst()
        #expect(budget.bytesLeft == each)
        #expect(try agree(on: loop).terms.serverKeepsContext)
        clients.removeAll()
        #expect(budget.bytesLeft == 2 * each)
    }

    /// The compressed form of a message of so many zeros.
    private func zeros(_ count: Int) throws -> [UInt8] {
        let deflater = try #require(Deflater(windowBits: 15, level: 9))
        return deflater.deflate([UInt8](repeating: 0, count: count).span)
    }

    @Test(arguments: [0, 1 << 20])
    func `a message of the limit is taken, and a longer one is not`(kept: Int) throws {
        let client = try agree(on: loop(connection: kept))
        let payload = try zeros(100_000)
        #expect(try client.inflate(payload, limit: 100_000).count == 100_000)
        #expect(throws: FrameError.inflatedTooMuch(limit: 99_999)) {
            try client.inflate(payload, limit: 99_999)
        }
    }

    @Test func `a message may become a thousand times as long, and not more`() throws {
        let client = try agree(on: loop(connection: 0))
        let count = 8 << 20
        let payload = try zeros(count)
        #expect(count > payload.count * CompressionSettings.inflationMax)
        #expect(throws: FrameError.inflatedTooMuch(limit: payload.count * 1_000)) {
            try client.inflate(payload, limit: 32 << 20)
        }
        // Empty blocks behind it add to what came in, and nothing to what comes out.
        let missing = (count + 999) / 1_000 - payload.count
        let blocks = (missing + 4) / 5
        let empty: [UInt8] = [0x00, 0x00, 0x00, 0xFF, 0xFF]
        let flush: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
        let padded = payload + flush + repeatElement(empty, count: blocks).joined() + [0x00]
        #expect(try client.inflate(padded, limit: 32 << 20).count == count)
    }

    @Test func `rubbish is refused as such`() throws {
        #expect(throws: FrameError.invalidCompression) {
            try agree(on: loop()).inflate([0xFF, 0xFF], limit: 100)
        }
    }
}
#endif

@Suite struct CompressionSettingsTests {
    @Test func `a budget gives what it has and no more`() {
        let budget = CompressionBudget(bytes: 10)
        #expect(budget.take(10))
        #expect(!budget.take(1))
        budget.give(10)
        #expect(!budget.take(11))
        #expect(budget.bytesLeft == 10)
    }

    @Test func `compression can be asked for where it is built in, and else is one clear error`() {
        let load = { try NodeConfiguration.load(path: nil, overrides: ["client.compression=on"]) }
        if DeflateSupport.isBuiltIn {
            #expect(throws: Never.self) { try load() }
            return
        }
        let error = #expect(throws: ConfigurationError.self) { try load() }
        #expect(error?.reason == .conflict(.compressionMissing))
        #expect(
            error?.description
                == "--set: client.compression is on, but this program was built without"
                + " compression: expected off, or a build with `--traits Compression`"
        )
    }

    @Test func `off agrees on nothing, and is what a node begins with`() throws {
        #expect(CompressionSettings(NodeConfiguration()) == nil)
        var configuration = NodeConfiguration()
        configuration.client.compression = .on
        configuration.client.compressionThreshold = 77
        configuration.client.compressionWindow = 10
        configuration.limit.compressionTotalBytes = 5
        let settings = try #require(CompressionSettings(configuration))
        #expect(settings.messageBytesMin == 77)
        #expect(settings.windowBitsMax == 10)
        #expect(settings.level == 3)
        #expect(settings.connectionBytesMax == 128 << 10)
        #expect(settings.budget.bytesLeft == 5)
    }
}
