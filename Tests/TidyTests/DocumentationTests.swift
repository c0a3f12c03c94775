import Testing

@Suite struct DocumentationTests {
    /// What a protocol asks for is documented at the protocol.
    static let witnesses: Set = [
        "hash", "encode", "next", "received", "refused", "dropped", "ready", "flush",
        "outputDrained", "peerEnded", "ended", "enqueue", "asUnownedSerialExecutor",
        "asUnownedTaskExecutor", "duration", "fetch", "webSocketOpen", "webSocketMessage",
        "webSocketClose", "webSocketError", "start", "alarm", "snapshot", "willLeave",
        "didTakeOver", "main",
    ]

    @Test func `every type for other targets says what it is`() {
        let violations = SourceTree.sources.flatMap { file in
            file.undocumented(
                /^\s*(?:package|public) (?:\w+ )*(?:struct|class|enum|actor|protocol) (\w+)/
            )
        }
        #expect(violations.isEmpty, "\(violations.report)")
    }

    /// A body of one line says it itself, and so does an overload behind the one that is documented.
    @Test func `every function for other targets says what it promises`() {
        let violations = SourceTree.sources.flatMap { file in
            file.undocumented(/^\s*(?:package|public) (?:@?\w+ )*func (\w+)/) { line, name in
                line.hasSuffix("}") || Self.witnesses.contains(name)
                    || file.documentedFunctions.contains(name)
            }
        }
        #expect(violations.isEmpty, "\(violations.report)")
    }
}

extension SourceFile {
    private func isDocumented(_ index: Int) -> Bool {
        var above = index - 1
        func isAbove(_ text: String) -> Bool {
            above >= 0 && lines[above].drop { $0 == " " }.hasPrefix(text)
        }
        while isAbove("@") { above -= 1 }
        return isAbove("///")
    }

    fileprivate var documentedFunctions: Set<String> {
        Set(
            code.enumerated().compactMap { index, line in
                guard line.contains("func "), let match = line.firstMatch(of: /\bfunc (\w+)/),
                    isDocumented(index)
                else { return nil }
                return String(match.output.1)
            }
        )
    }

    fileprivate func undocumented(
        _ declaration: Regex<(Substring, Substring)>,
        unless isExempt: (_ line: String, _ name: String) -> Bool = { _, _ in false }
    ) -> [Violation] {
        code.enumerated().compactMap { index, line in
            guard line.contains("package ") || line.contains("public "),
                let match = line.prefixMatch(of: declaration),
                !isDocumented(index)
            else {
                return nil
            }
            let name = String(match.output.1)
            guard !isExempt(line, name) else { return nil }
            let advice = "say with /// what \(name) is for"
            return Violation(file: self, line: index + 1, advice: advice)
        }
    }
}
