import Testing

@Suite struct WordTests {
    /// Where a word that is not allowed stands all the same, with the reason.
    static let exceptions: [(path: String, word: String, reason: String)] = [
        (
            "Sources/Transport/EventLoop/EventLoop.swift", "@unchecked",
            "its state is touched on its own thread alone, and that is checked"
        ),
        (
            "Sources/Transport/EventLoop/LoopBound.swift", "@unchecked",
            "its value is reached on its loop alone, and that is checked"
        ),
    ]

    @Test func `nothing is left to do, to crash or to hope for`() {
        let words: [(word: Regex<Substring>, text: String, advice: String)] = [
            (/\bfatalError\(/, "fatalError", "use a precondition with context, or throw"),
            (/\btry!/, "try!", "handle the error"),
            (/\bas!/, "as!", "use `as?`, or a type that needs no cast"),
            (/@unchecked\b/, "@unchecked", "use LoopBound or Mutex"),
            (/\bnonisolated\(unsafe\)/, "nonisolated(unsafe)", "use LoopBound or Mutex"),
            (/@preconcurrency\b/, "@preconcurrency", "use LoopBound or Mutex"),
        ]
        let violations = words.flatMap { word in
            SourceTree.sources.violations(
                of: word.word,
                mentioning: word.text,
                unless: { file in
                    Self.exceptions.contains { $0.path == file.path && $0.word == word.text }
                },
                advice: word.advice
            )
        }
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `every exception is still needed`() {
        for exception in Self.exceptions {
            let file = SourceTree.sources.first { $0.path == exception.path }
            let isNeeded = file?.code.contains { $0.contains(exception.word) } == true
            #expect(isNeeded, "\(exception.path) does not say \(exception.word) any more")
        }
    }

    @Test func `no note to oneself is left in a comment`() {
        let notes = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"]
        let violations = (SourceTree.sources + SourceTree.tests).flatMap { file in
            file.lines.indices
                .filter { index in notes.contains { file.lines[index].contains($0) } }
                .map { Violation(file: file, line: $0 + 1, advice: "do it, or open an issue") }
        }
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `only the program prints`() {
        let violations = SourceTree.sources.filter { $0.target != "Rookery" }.violations(
            of: /(?:^|[^.\w])(?:print|debugPrint|dump|NSLog)\(/,
            mentioning: "rint(",
            "dump(",
            "NSLog(",
            advice: "log it with fields, or count it"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `types are not called what anything could be called`() {
        let violations = SourceTree.sources.violations(
            of: /\b(?:struct|class|enum|actor) \w*(?:Manager|Helpers?|Utils|Utilities|Impl)\b/,
            mentioning: "Manager",
            "Helper",
            "Util",
            "Impl",
            advice: "name what it is or answers"
        )
        #expect(violations.isEmpty, "\(violations.report)")
    }
}
