import Foundation

/// A Swift file of this package.
struct SourceFile: Sendable {
    /// From the root of the package.
    let path: String
    let lines: [String]
    /// The lines with comments and the contents of strings blanked.
    let code: [String]
    private let codeText: String

    init(path: String, text: String) {
        self.path = path
        lines = text.components(separatedBy: "\n")
        codeText = SourceText.withoutProse(text)
        code = codeText.components(separatedBy: "\n")
    }

    /// True when the code has any of these words.
    func mentions(_ words: [String]) -> Bool { words.contains { codeText.contains($0) } }

    /// The line of code at `index`, with what follows an opened bracket at its end.
    func statement(at index: Int) -> String {
        code[index].hasSuffix("(") ? code[index...].prefix(5).joined() : code[index]
    }

    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

/// Something that the style does not allow, and what to do instead.
struct Violation: CustomStringConvertible {
    let file: SourceFile
    /// From 1 on.
    let line: Int
    let advice: String

    var description: String { "\(file.path):\(line): \(advice)" }
}

extension [Violation] {
    /// One a line, so that the failure can be read.
    var report: String { "\n" + map(\.description).joined(separator: "\n") }
}

/// The files of this package.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let sources = files(in: "Sources") + files(in: "Examples")
    static let tests = files(in: "Tests")
    static let manifest = text(of: "Package.swift")

    private static func files(in folder: String) -> [SourceFile] {
        let paths = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (paths?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".swift") }
            .map { "\(folder)/\($0)" }
            .sorted()
            .map { SourceFile(path: $0, text: text(of: $0)) }
    }

    private static func text(of path: String) -> String {
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
    }

    /// The source files, and of them only those of `targets` if any are named.
    static func sources(of targets: Set<String>) -> [SourceFile] {
        sources.filter { targets.contains($0.target) }
    }
}

extension [SourceFile] {
    /// Every line of code that `pattern` is found in; a call that goes on below counts as one line.
    ///
    /// Whatever matches has one of `words` in it: without them a file is passed over quickly.
    func violations(
        of pattern: Regex<Substring>,
        mentioning words: String...,
        unless isAllowed: (SourceFile) -> Bool = { _ in false },
        advice: String
    ) -> [Violation] {
        filter { $0.mentions(words) && !isAllowed($0) }.flatMap { file in
            file.code.indices.filter { file.statement(at: $0).contains(pattern) }
                .map { Violation(file: file, line: $0 + 1, advice: advice) }
        }
    }
}
