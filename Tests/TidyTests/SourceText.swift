/// Swift text, as far as these tests understand it.
enum SourceText {
    private enum State {
        case code
        case lineComment
        case blockComment
        case string(quotes: Int)
    }

    /// The text with comments and the contents of strings replaced by blanks, line for line.
    static func withoutProse(_ text: String) -> String {
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        output.reserveCapacity(bytes.count)
        var state = State.code
        var index = 0
        while index < bytes.count {
            let length = step(&state, bytes, index)
            let isCode = if case .code = state { true } else { false }
            for byte in bytes[index..<(index + length)] {
                output.append(isCode || byte == newline ? byte : blank)
            }
            index += length
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static let newline = UInt8(ascii: "\n")
    private static let blank = UInt8(ascii: " ")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Takes the next bytes that belong together and returns how many they are.
    private static func step(_ state: inout State, _ bytes: [UInt8], _ index: Int) -> Int {
        let byte = bytes[index]
        let next = index + 1 < bytes.count ? bytes[index + 1] : newline
        switch (state, byte) {
        case (.code, slash) where next == slash: state = .lineComment
        case (.code, slash) where next == star: state = .blockComment
        case (.code, quote):
            let isTriple = bytes[index...].prefix(3).elementsEqual([quote, quote, quote])
            let quotes = isTriple ? 3 : 1
            state = .string(quotes: quotes)
            return quotes
        case (.lineComment, newline): state = .code
        case (.blockComment, star) where next == slash:
            state = .code
            return 2
        case (.string, backslash): return min(2, bytes.count - index)
        case (.string(let quotes), quote):
            guard bytes[index...].prefix(quotes).allSatisfy({ $0 == quote }) else { return 1 }
            state = .code
            return quotes
        default: break
        }
        return 1
    }

    /// The functions of a file: where each begins, its name, and how many lines it has.
    static func functions(in file: SourceFile) -> [(line: Int, name: Substring, length: Int)] {
        let start = /^\s*(?:[@a-z()_]+ )*(func [^\s(<]+|init|deinit|subscript)/
        return file.code.enumerated().compactMap { index, line in
            guard line.contains("func ") || line.contains("init") || line.contains("subscript"),
                let match = line.prefixMatch(of: start)
            else { return nil }
            guard let end = end(of: index, in: file.code) else { return nil }
            return (index + 1, match.output.1, end - index + 1)
        }
    }

    /// The line that closes what begins at `start`: the next brace that stands as far in.
    private static func end(of start: Int, in code: [String]) -> Int? {
        let indent = code[start].prefix { $0 == " " }
        for index in start..<code.count {
            let line = code[index]
            guard line.prefix(while: { $0 == " " }).count <= indent.count else { continue }
            if index == start, line.hasSuffix("}") || !line.hasSuffix("{") && !line.hasSuffix("(") {
                return nil
            }
            if line.hasPrefix(indent + "}") { return index }
        }
        return nil
    }
}
