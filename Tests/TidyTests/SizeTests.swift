import Testing

@Suite struct SizeTests {
    static let fileLinesMax = 400
    static let functionLinesMax = 60

    @Test func `no file is longer than one can keep in mind`() {
        let violations = (SourceTree.sources + SourceTree.tests)
            .filter { $0.lines.count - 1 > Self.fileLinesMax }
            .map { file in
                Violation(
                    file: file,
                    line: Self.fileLinesMax + 1,
                    advice: "\(file.lines.count - 1) lines: move a topic to Type+Topic.swift"
                )
            }
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `no function is longer than a screen`() {
        let violations = (SourceTree.sources + SourceTree.tests).flatMap { file in
            SourceText.functions(in: file)
                .filter { $0.length > Self.functionLinesMax }
                .map { function in
                    Violation(
                        file: file,
                        line: function.line,
                        advice: "\(function.name) has \(function.length) lines: name its steps"
                    )
                }
        }
        #expect(violations.isEmpty, "\(violations.report)")
    }

    @Test func `functions are found and measured`() {
        let file = SourceFile(
            path: "Sources/X/Y.swift",
            text: "struct Y {\n    package func one() -> Int { 1 }\n    func two(\n        a: Int\n"
                + "    ) {\n        if a {\n        }\n    }\n}\n"
        )
        let functions = SourceText.functions(in: file)
        #expect(functions.map(\.name) == ["func two"])
        #expect(functions.map(\.length) == [6])
    }
}
