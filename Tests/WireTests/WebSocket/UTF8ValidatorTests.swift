import Primitives
import Testing
import Wire

@Suite struct UTF8ValidatorTests {
    /// The beginnings of characters, from the standard library's own encoder.
    private static let beginnings: Set<[UInt8]> = {
        var found: Set<[UInt8]> = []
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 64) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = [UInt8](String(Character(scalar)).utf8)
            for count in 1..<bytes.count { found.insert([UInt8](bytes[..<count])) }
        }
        return found
    }()

    /// The offset of the first bad byte, and whether the text may end at its end.
    private static func reference(_ bytes: [UInt8]) -> (bad: Int?, isComplete: Bool) {
        var character: [UInt8] = []
        for (offset, byte) in bytes.enumerated() {
            character.append(byte)
            if beginnings.contains(character) { continue }
            guard String(validating: character, as: UTF8.self) != nil else {
                return (offset, false)
            }
            character = []
        }
        return (nil, character.isEmpty)
    }

    /// Whether the parts are accepted one after the other, and the text may end after them.
    private static func validate(
        _ parts: [[UInt8]],
        looksUp: Bool = UTF8Validator.canLookUp
    ) -> (accepted: Bool, isComplete: Bool) {
        var validator = UTF8Validator(looksUp: looksUp)
        for part in parts where !validator.accept(part.span) { return (false, false) }
        return (true, validator.isComplete)
    }

    /// By comparing, and by looking up where this processor can.
    private static let ways = UTF8Validator.canLookUp ? [false, true] : [false]

    /// Bytes next to where the rules change.
    private static let corners: [UInt8] = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1,
        0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
    ]

    /// Expects the verdict of the reference, as a whole, cut at `points`, and at the very byte.
    private static func check(_ bytes: [UInt8], cutAt points: [Int] = []) {
        let expected = reference(bytes)
        for looksUp in ways {
            for parts in [[bytes], bytes.cut(at: points), bytes.oneByOne] {
                let verdict = validate(parts, looksUp: looksUp)
                #expect(verdict.accepted == (expected.bad == nil), "\(bytes) at \(points)")
                #expect(verdict.isComplete == expected.isComplete, "\(bytes) at \(points)")
            }
            guard let bad = expected.bad else { continue }
            let (before, with) = ([UInt8](bytes[..<bad]), [UInt8](bytes[...bad]))
            #expect(validate([before], looksUp: looksUp).accepted, "\(bytes) too early")
            #expect(!validate([with], looksUp: looksUp).accepted, "\(bytes) too late")
        }
    }

    @Test(arguments: [
        "", "a", "Hello, world", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "日本語テキスト", "🐦🪶🥚",
        "\u{0}", "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}",
        "\u{D7FF}\u{E000}\u{FEFF}",
        String(repeating: "0123456789", count: 20) + "é" + String(repeating: "x", count: 70),
        String(repeating: "rookery ß κόσμε 日本 🐦", count: 10), String(repeating: "🐦", count: 50),
    ])
    func `valid text is accepted wherever it is cut`(text: String) {
        let bytes = [UInt8](text.utf8)
        for (point, looksUp) in (0...bytes.count).flatMap({ point in Self.ways.map { (point, $0) } }
        ) {
            let verdict = Self.validate(bytes.cut(at: [point]), looksUp: looksUp)
            #expect(verdict == (true, true), "cut at \(point)")
        }
    }

    @Test(
        arguments: [
            // What never begins a character.
            [0x80], [0xBF], [0xC0], [0xC1], [0xF5], [0xF8], [0xFC], [0xFE], [0xFF],
            // Overlong forms.
            [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0xAF],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF8, 0x88, 0x80, 0x80, 0x80],
            // Surrogates, alone and in a pair.
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80],
            // Above U+10FFFF.
            [0xF4, 0x90, 0x80, 0x80], [0xF7, 0xBF, 0xBF, 0xBF],
            // A character cut off by another.
            [0xC3, 0x41], [0xE2, 0x82, 0x41], [0xF0, 0x9F, 0x90, 0x41], [0xE2, 0xC3, 0xA9],
        ] as [[UInt8]]
    )
    func `a bad sequence is refused at its first bad byte wherever it stands`(bad: [UInt8]) {
        let digits = "0123456789012345678901234567890123456789"
        for before in ["", "a", "é", digits, "日本語🐦", "日本語🐦µ日本語🐦é日本"] {
            for after in ["", "abcd", "日本語", "日本語µ日本語🐦é日本語"] {
                Self.check(before.utf8 + bad + after.utf8, cutAt: [before.utf8.count + 1])
            }
        }
    }

    @Test(arguments: ["é", "€", "🐦"])
    func `a character that is cut off is accepted but not complete`(character: String) {
        let bytes = [UInt8](character.utf8)
        for count in 1..<bytes.count {
            #expect(Self.validate([[UInt8](bytes[..<count])]) == (true, false))
        }
    }

    @Test func `every pair of bytes is judged as by the reference`() {
        for first in UInt8.min...UInt8.max {
            for second in stride(from: UInt8(0), through: 0xFF, by: 1) {
                let expected = Self.reference([first, second])
                let verdict = Self.validate([[first, second]])
                #expect(verdict.accepted == (expected.bad == nil), "\(first), \(second)")
                #expect(verdict.isComplete == expected.isComplete, "\(first), \(second)")
            }
        }
    }

    /// Blocks begin behind the first character, and are looked at in halves of 32 and of 16 bytes.
    @Test(arguments: Array(13...16) + Array(29...32) + Array(61...64))
    func `up to four bytes across a border of blocks are judged as by the standard library`(
        at offset: Int
    ) {
        let start = 3 + offset
        var text = Array("aé".utf8) + [UInt8](repeating: 0x61, count: 200)
        var wrong: [[UInt8]] = []
        for sequence in Self.sequences(seed: UInt64(offset)) {
            for (place, byte) in sequence.enumerated() { text[start + place] = byte }
            let isValid = String(validating: sequence, as: UTF8.self) != nil
            for looksUp in Self.ways {
                let verdict = Self.validate([text], looksUp: looksUp)
                if verdict != (isValid, isValid) { wrong.append(sequence) }
            }
        }
        #expect(wrong.isEmpty)
    }

    /// All of three corners and an ASCII character, and some of four corners.
    private static func sequences(seed: UInt64) -> [[UInt8]] {
        var random = SplitMix64(seed: seed)
        return corners.flatMap { first in
            corners.flatMap { second in
                corners.flatMap { third in
                    [
                        [first, second, third, 0x61],
                        [first, second, third, corners.randomElement(using: &random) ?? 0],
                    ]
                }
            }
        }
    }

    @Test func `every character is accepted in its place among all others`() {
        let scalars = (UInt32(0)...0x10FFFF).lazy.compactMap(Unicode.Scalar.init)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        let bytes = Array(String(text).utf8)
        for looksUp in Self.ways {
            #expect(Self.validate([bytes], looksUp: looksUp) == (true, true))
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `random bytes are judged as by the reference`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bytes = (0..<12).map { _ in Self.corners.randomElement(using: &random) ?? 0 }
        Self.check(bytes, cutAt: (0..<3).map { _ in .random(in: 0...12, using: &random) }.sorted())
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `a long text with a few spoilt bytes is judged as by the reference`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bytes: [UInt8] = []
        while bytes.count < 240 {
            let piece = ["rookery", "ß", "κόσμε", "日本", "🐦", String(repeating: "-", count: 40)]
            bytes += (piece.randomElement(using: &random) ?? "").utf8
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
        }
        let points = (0..<4).map { _ in Int.random(in: 0...bytes.count, using: &random) }
        Self.check(bytes, cutAt: points.sorted())
    }
}
