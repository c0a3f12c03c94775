import Primitives
import Testing
import Wire

/// However the bytes of a connection are cut into reads, the same comes out.
@Suite struct WebSocketSplitTests {
    private static let rich: [UInt8] = [
        RawFrame.text("Hello, 日本語 🐦"), .ping("one"), .text(""),
        .text("κόσ", fin: false), .ping(), .more("με "), .pong("two"), .more(""), .last("🪶"),
        .binary((0...255).map { $0 }), .binary([0xFF], fin: false), .more([0xC0], fin: true),
        .text(String(repeating: "long enough for sixteen bits. ", count: 6)),
        .close(4001, "até já"), .text("too late"),
    ].masked

    private static func same(_ first: WebSocketPeer, _ second: WebSocketPeer) -> Bool {
        first.events == second.events && first.output.bytes == second.output.bytes
            && first.phase == second.phase
    }

    @Test func `a rich stream cut at any one point gives the same`() {
        let whole = WebSocketPeer(after: [Self.rich])
        #expect(
            whole.events == [
                .text("Hello, 日本語 🐦"), .ping("one"), .text(""), .ping(""), .pong("two"),
                .text("κόσμε 🪶"), .binary((0...255).map { $0 }), .binary([0xFF, 0xC0]),
                .text(String(repeating: "long enough for sixteen bits. ", count: 6)),
                .closed(4001, "até já"),
            ]
        )
        #expect(whole.isClosed)
        for point in 0...Self.rich.count {
            let cut = WebSocketPeer(after: Self.rich.cut(at: [point]))
            #expect(Self.same(cut, whole), "cut at \(point)")
        }
        #expect(Self.same(WebSocketPeer(after: Self.rich.oneByOne), whole))
    }

    @Test func `every prefix of a rich stream gives a prefix of its events`() {
        let whole = WebSocketPeer(after: [Self.rich])
        for count in 0...Self.rich.count {
            let part = WebSocketPeer(after: [[UInt8](Self.rich[..<count])])
            #expect(whole.events.starts(with: part.events), "\(count) bytes")
            #expect(whole.output.bytes.starts(with: part.output.bytes), "\(count) bytes")
        }
    }

    @Test func `a long frame cut anywhere in its header gives the same`() {
        let bytes = RawFrame.binary([UInt8](repeating: 7, count: 65_536)).masked
        let whole = WebSocketPeer(after: [bytes])
        for point in 0...16 {
            let cut = WebSocketPeer(after: bytes.cut(at: [point, 40_000]))
            #expect(Self.same(cut, whole), "cut at \(point)")
        }
    }

    @Test(arguments: 1...400 as ClosedRange<UInt64>)
    func `spoilt bytes end at most once and the same however they are cut`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bytes = Self.rich
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let bit = UInt8(1) << Int.random(in: 0...7, using: &random)
            bytes[.random(in: bytes.indices, using: &random)] ^= bit
        }
        let points = (0..<8).map { _ in Int.random(in: 0...bytes.count, using: &random) }
        let whole = WebSocketPeer(after: [bytes])
        #expect(Self.same(WebSocketPeer(after: bytes.cut(at: points.sorted())), whole))
        #expect(Self.same(WebSocketPeer(after: bytes.oneByOne), whole))
        let ends = whole.events.filter { $0.isEnd }
        #expect(ends.count <= 1)
        #expect(ends.isEmpty == (whole.phase == .open))
        #expect(ends.isEmpty || whole.events.last?.isEnd == true)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `random bytes never break either end`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
        for role in [WebSocketRole.server, .client(maskingSeed: seed)] {
            let whole = WebSocketPeer(role, after: [bytes])
            #expect(Self.same(WebSocketPeer(role, after: bytes.oneByOne), whole))
        }
    }
}

extension WebSocketMachine.Event {
    fileprivate var isEnd: Bool {
        switch self {
        case .closeReceived, .failed: true
        case .message, .ping, .pong: false
        }
    }
}
