import Primitives
import Testing
import Wire

/// What an echo server must put on the wire, as rows after the Autobahn test suite's cases.
@Suite struct WebSocketConformanceTests {
    struct Row: CustomTestStringConvertible {
        let name: String
        let sent: [RawFrame]
        let answered: [RawFrame]

        init(_ name: String, _ sent: [RawFrame], _ answered: [RawFrame]) {
            self.name = name
            self.sent = sent
            self.answered = answered
        }

        var testDescription: String { name }
    }

    /// The wire of a server that echoes each message before it answers a Close.
    private static func echo(_ reads: [[UInt8]]) -> [UInt8] {
        let peer = WebSocketPeer(closeAnswer: .onRequest)
        for read in reads {
            peer.receive(read)
            for case .message(let message) in peer.takeEvents() {
                peer.machine.send(message, output: &peer.output)
            }
            peer.machine.answerClose(output: &peer.output)
        }
        return peer.output.bytes
    }

    @Test(arguments: messages + controls + reserved + fragments + texts + closings)
    func `the answer is the same for one read, a read per frame and a read per byte`(row: Row) {
        let expected = row.answered.unmasked
        #expect(Self.echo([row.sent.masked]) == expected)
        #expect(Self.echo(row.sent.map(\.masked)) == expected)
        #expect(Self.echo(row.sent.masked.oneByOne) == expected)
    }

    private static let lengths = [0, 1, 125, 126, 127, 128, 65_535, 65_536]

    static let messages: [Row] = lengths.flatMap { count in
        let text = RawFrame.text(String(repeating: "*", count: count))
        let binary = RawFrame.binary([UInt8](repeating: 0xFE, count: count))
        return [
            Row("1.1 text of \(count) bytes", [text], [text]),
            Row("1.2 binary of \(count) bytes", [binary], [binary]),
        ]
    }

    static let controls: [Row] = [
        Row("2.1 empty ping", [.ping()], [.pong()]),
        Row("2.2 ping with text", [.ping("Hello, world!")], [.pong("Hello, world!")]),
        Row(
            "2.3 ping with bytes",
            [RawFrame(opcode: 9, payload: [0x00, 0xFF, 0xFE, 0xFD, 0x00, 0xFF])],
            [RawFrame(opcode: 10, payload: [0x00, 0xFF, 0xFE, 0xFD, 0x00, 0xFF])]
        ),
        Row(
            "2.4 longest ping",
            [.ping(String(repeating: "p", count: 125))],
            [.pong(String(repeating: "p", count: 125))]
        ),
        Row(
            "2.5 ping too long",
            [.ping(String(repeating: "p", count: 126))],
            [.close(1002, "control frame too long")]
        ),
        Row("2.7 unasked pong", [.pong()], []),
        Row("2.9 unasked pong, then ping", [.pong("x"), .ping("y")], [.pong("y")]),
        Row(
            "2.10 ten pings",
            (0..<10).map { .ping("payload-\($0)") },
            (0..<10).map { .pong("payload-\($0)") }
        ),
    ]

    static let reserved: [Row] =
        (1...7).map { rsv in
            Row(
                "3.\(rsv) reserved bits",
                [.text("a"), .text("b", rsv: rsv), .ping()],
                [.text("a"), .close(1002, "reserved bits")]
            )
        }
        + ([3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8]).flatMap { opcode in
            [[], [UInt8]("payload".utf8)].map { payload in
                Row(
                    "4 opcode \(opcode), \(payload.count) bytes",
                    [.text("a"), RawFrame(opcode: opcode, payload: payload), .ping()],
                    [.text("a"), .close(1002, "reserved opcode")]
                )
            }
        }

    private static let noStart = RawFrame.close(1002, "unexpected continuation")
    private static let fragmentedControl = RawFrame.close(1002, "fragmented control frame")

    static let fragments: [Row] = [
        Row("5.1 ping in fragments", [.ping("a").unfinished, .last("b")], [fragmentedControl]),
        Row("5.2 pong in fragments", [.pong("a").unfinished, .last("b")], [fragmentedControl]),
        Row("5.3 text in fragments", [.text("a", fin: false), .last("b")], [.text("ab")]),
        Row(
            "5.6 ping between fragments",
            [.text("a", fin: false), .ping("p"), .last("b")],
            [.pong("p"), .text("ab")]
        ),
        Row("5.9 continuation of nothing", [.last("a"), .text("b")], [noStart]),
        Row("5.12 open continuation of nothing", [.more("a"), .text("b")], [noStart]),
        Row(
            "5.15 continuation after a message",
            [.text("a", fin: false), .last("b"), .more("c"), .text("d")],
            [.text("ab"), noStart]
        ),
        Row(
            "5.16 continuation before the start",
            [.more("a"), .text("b", fin: false), .last("c")],
            [noStart]
        ),
        Row(
            "5.18 two messages at once",
            [.text("a", fin: false), .text("b")],
            [.close(1002, "interrupted message")]
        ),
        Row(
            "5.19 pings among five fragments",
            [
                .text("1", fin: false), .more("2"), .ping("x"), .more("3"), .more("4"), .ping("y"),
                .last("5"),
            ],
            [.pong("x"), .pong("y"), .text("12345")]
        ),
        Row(
            "9.3 many fragments",
            [.binary([1], fin: false)] + (0..<500).map { _ in .more([1]) } + [.last("")],
            [.binary([UInt8](repeating: 1, count: 501))]
        ),
    ]

    private static let badText = RawFrame.close(1007, "invalid text")

    static let texts: [Row] = [
        Row("6.1.1 empty text", [.text("")], [.text("")]),
        Row("6.1.2 empty fragments", [.text("", fin: false), .more(""), .last("")], [.text("")]),
        Row(
            "6.1.3 a middle between nothing",
            [.text("", fin: false), .more("middle"), .last("")],
            [.text("middle")]
        ),
        Row(
            "6.2.1 valid text",
            [.text("Hello-µ@ßöäüàá-UTF-8!!")],
            [.text("Hello-µ@ßöäüàá-UTF-8!!")]
        ),
        Row(
            "6.2.3 text cut between its bytes",
            [.text([0xCE], fin: false), .more([0xBA, 0xE1, 0xBD]), .more([0xB9], fin: true)],
            [.text("κ\u{1F79}")]
        ),
        Row("6.3 surrogate", [.text([0x61, 0xED, 0xA0, 0x80, 0x62]), .text("c")], [badText]),
        Row(
            "6.4.1 failure in the second fragment",
            [.text("κόσμε", fin: false), .more([0xF4, 0x90, 0x80, 0x80])],
            [badText]
        ),
        Row("6.6 cut character", [.text([0xCE])], [badText]),
        Row("6.10 overlong", [.text([0xC0, 0xAF])], [badText]),
        Row("6.11 noncharacter", [.text("\u{FFFE}\u{10FFFF}")], [.text("\u{FFFE}\u{10FFFF}")]),
    ]

    static let closings: [Row] =
        [
            Row(
                "7.1.1 message and Close",
                [.text("a"), .close(1000)],
                [.text("a"), .close(1000)]
            ),
            Row("7.1.2 two Closes", [.close(1000), .close(1001)], [.close(1000)]),
            Row("7.1.3 ping after Close", [.close(1000), .ping()], [.close(1000)]),
            Row("7.1.4 text after Close", [.close(1000), .text("a")], [.close(1000)]),
            Row(
                "7.1.5 Close between fragments",
                [.text("a", fin: false), .close(1000), .last("b")],
                [.close(1000)]
            ),
            Row("7.3.1 empty Close", [.emptyClose], [.emptyClose]),
            Row(
                "7.3.2 Close of one byte",
                [RawFrame(opcode: 8, payload: [3])],
                [.close(1002, "truncated close")]
            ),
            Row("7.3.4 Close with reason", [.close(1000, "Hello")], [.close(1000)]),
            Row(
                "7.3.5 longest Close",
                [.close(1000, String(repeating: "*", count: 123))],
                [.close(1000)]
            ),
            Row(
                "7.3.6 Close too long",
                [.close(1000, String(repeating: "*", count: 124))],
                [.close(1002, "control frame too long")]
            ),
            Row(
                "7.5.1 reason not text",
                [RawFrame(opcode: 8, payload: [0x03, 0xE8, 0xCE, 0xBA, 0xED, 0xA0, 0x80])],
                [.close(1007, "invalid close reason")]
            ),
        ]
        + ([
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999,
            4000, 4999,
        ] as [UInt16]).map { Row("7.7 Close \($0)", [.close($0)], [.close($0)]) }
        + ([
            0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
        ] as [UInt16]).map {
            Row("7.9 Close \($0)", [.close($0)], [.close(1002, "invalid close code")])
        }
}

extension RawFrame {
    fileprivate var unfinished: RawFrame {
        RawFrame(opcode: opcode, payload: payload, fin: false, rsv: rsv)
    }
}
