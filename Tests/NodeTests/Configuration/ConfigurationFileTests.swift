import Primitives
import Testing

@testable import Node

@Suite struct ConfigurationFileTests {
    private func value(_ line: String) throws -> String? {
        try ConfigurationFile.setting(in: line, at: .option)?.value
    }

    /// A line, and its value; nil where there is no setting.
    @Test(arguments: [
        ("", nil), ("   ", nil), ("# a = b", nil), ("  # a = b", nil),
        ("a=b", "b"), ("  a  =  b  ", "b"), ("a =", ""), ("a = # nothing", ""),
        ("a = b # c", "b"), ("a = b\t# c", "b"), ("a = b#c", "b#c"), ("a = b = c", "b = c"),
        ("a = \"\"", ""), ("a = \" b # c \"", " b # c "), ("a = \"b\" # c", "b"),
        ("a = b\"c", "b\"c"),
    ])
    func `a line is a setting, a comment or nothing`(line: String, expected: String?) throws {
        #expect(try value(line) == expected)
    }

    @Test(arguments: ["a", "a b", "= b", "a b = c", "a: b"])
    func `any other line is an error`(line: String) {
        #expect(throws: ConfigurationError(location: .option, reason: .noSetting)) {
            try value(line)
        }
    }

    @Test(arguments: ["a = \"", "a = \"b", "a = \"b\"c", "a = \"b\" c # d"])
    func `a quote must close at the end`(line: String) {
        #expect(throws: ConfigurationError(location: .option, reason: .unclosedQuote)) {
            try value(line)
        }
    }

    @Test func `settings know their lines, with any line ending`() throws {
        let settings = try ConfigurationFile.settings(in: "a=1\r\n\r\n# x\nb=2", name: "f")
        #expect(settings.map(\.key) == ["a", "b"])
        #expect(settings.map(\.location) == [.line(1, file: "f"), .line(4, file: "f")])
    }

    @Test func `a file of 1 MiB is read, one byte more is not`() throws {
        let text = "a=1\n#" + String(repeating: "x", count: ConfigurationFile.byteCountMax - 5)
        #expect(try ConfigurationFile.settings(in: text, name: "f").count == 1)
        let refused = ConfigurationError(location: .file("f"), reason: .tooLarge(limit: 1_048_576))
        #expect(throws: refused) { try ConfigurationFile.settings(in: text + "x", name: "f") }
    }

    @Test func `nothing that is written can crash the parser`() {
        var random = SplitMix64(seed: 5)
        let letters = Array("a.=#\" \t\r\n0Kms,:[]\u{0}é")
        for _ in 0..<500 {
            let text = String(
                (0..<40).map { _ in letters[Int(random.next() % 20) % letters.count] }
            )
            do {
                _ = try NodeConfiguration.load(text: text, name: "f")
            } catch {
                #expect("\(error)".split(whereSeparator: { $0.isNewline }).count == 1)
            }
        }
    }
}
