import Foundation
import Node
import Synchronization
import Testing

@Suite struct LogTests {
    /// What `body` writes to a log.
    private func lines(
        level: LogLevel = .notice,
        format: LogFormat = .text,
        _ body: (Log) -> Void
    ) -> [String] {
        let written = Mutex<[String]>([])
        body(
            Log(subsystem: "part", level: level, format: format) { line in
                written.withLock { $0.append(line) }
            }
        )
        return written.withLock(\.self)
    }

    @Test func `a line has its time, level, part, text and fields`() throws {
        let line = try #require(lines { $0.notice("it happened", ["node": "a", "n": "1"]) }.first)
        let (time, rest) = (line.prefix { $0 != " " }, line.drop { $0 != " " })
        #expect(rest == " notice part it happened node=a n=1\n")
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        #expect(abs(try style.parse(String(time)).timeIntervalSinceNow) < 60)
    }

    @Test(arguments: LogLevel.allCases)
    func `a line is written at its level and every less important one`(_ level: LogLevel) {
        let written = lines(level: level) { log in
            log.error("error")
            log.warning("warning")
            log.notice("notice")
            log.info("info")
            log.debug("debug")
        }
        let expected = LogLevel.allCases.filter { $0 <= level }.map(\.name)
        #expect(written.map { $0.split(separator: " ")[1] } == expected.map { $0[...] })
    }

    @Test(arguments: [
        ("", #""""#), ("a b", #""a b""#), ("a=b", #""a=b""#), (#"say "x""#, #""say \"x\"""#),
        ("two\nlines", #""two\u000alines""#), ("\u{1B}[2J", #""\u001b[2J""#),
        ("\u{202E}txt", #""\u202etxt""#), ("\u{2028}", #""\u2028""#),
        ("\u{E0001}", #""\udb40\udc01""#),
        ("naïve", #""naïve""#), ("127.0.0.1:1", "127.0.0.1:1"),
    ])
    func `a value cannot look like anything else`(_ value: String, _ expected: String) {
        let written = lines { $0.notice("text", ["key": value]) }
        #expect(written.count == 1)
        #expect(written.first?.hasSuffix(" text key=\(expected)\n") == true, "\(written)")
    }

    @Test(arguments: ["plain", "two\nlines", #"\ and ""#, "\u{0}", "😀\u{202E}"])
    func `a line of JSON is one object with all of it`(_ value: String) throws {
        let written = lines(format: .json) { $0.warning("text", ["key": value]) }
        let line = try #require(written.first)
        #expect(written.count == 1)
        #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { !$0.isNewline })
        var object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(object.removeValue(forKey: "time") != nil)
        #expect(object == ["level": "warning", "part": "part", "text": "text", "key": value])
    }

    @Test(arguments: [LogFormat.text, .json])
    func `a value is as long as the limit, and one more is cut`(_ format: LogFormat) {
        let fitting = String(repeating: "x", count: Log.valueScalarsMax)
        let written = lines(format: format) { log in
            log.notice("text", ["key": fitting])
            log.notice("text", ["key": fitting + "x"])
        }
        #expect(written[0].contains(fitting) && !written[0].contains("…"))
        #expect(written[1].contains(fitting + "…"))
    }

    @Test func `fields of debug lines are made only when they are written`() {
        var made = 0
        func field() -> String {
            made += 1
            return "x"
        }
        #expect(lines(level: .info) { $0.debug("text", ["key": field()]) }.isEmpty)
        #expect(made == 0)
        #expect(lines(level: .debug) { $0.debug("text", ["key": field()]) }.count == 1)
        #expect(made == 1)
    }
}
