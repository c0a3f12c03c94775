import Foundation
import Testing

@testable import Wire

/// The requests of `Tests/TryOut/http_requests.txt`, which real nodes are asked by the try-out.
@Suite struct HTTPConformanceTests {
    /// One request, or several in a row, and the statuses of the answers.
    struct Case: CustomTestStringConvertible, Sendable {
        let title: String
        let statuses: [UInt16]
        var text = ""

        var testDescription: String { title }
        var bytes: [UInt8] { Self.decoded(text) }

        /// First the escapes, then the repetitions, as the file says.
        static func decoded(_ text: String) -> [UInt8] {
            let plain = text.replacing(/\\(x[0-9A-F]{2}|.)/) { match in
                switch match.output.1 {
                case "r": "\r"
                case "n": "\n"
                case "t": "\t"
                case "0": "\0"
                case "\\": "\\"
                default:
                    UInt8(match.output.1.dropFirst(), radix: 16)
                        .map { String(Unicode.Scalar($0)) } ?? "?"
                }
            }
            let whole = plain.replacing(/\{([0-9]+)\*([^}]*)\}/) { match in
                String(repeating: String(match.output.2), count: Int(match.output.1) ?? 0)
            }
            return whole.unicodeScalars.map { UInt8($0.value) }
        }
    }

    static let cases: [Case] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../TryOut/http_requests.txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        var cases: [Case] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("    ") {
                cases[cases.count - 1].text += line.dropFirst(4)
            } else if line.first?.isNumber == true {
                let words = line.split(separator: " ")
                let statuses = words.prefix { $0.count == 3 && UInt16($0) != nil }
                cases.append(
                    Case(
                        title: words.dropFirst(statuses.count).joined(separator: " "),
                        statuses: statuses.compactMap { UInt16($0) }
                    )
                )
            }
        }
        return cases
    }()

    @Test func `the table is there`() {
        #expect(Self.cases.count > 100)
        #expect(Self.cases.allSatisfy { !$0.statuses.isEmpty && !$0.text.isEmpty })
    }

    /// What the parser lets through, the worker or the upgrade may still refuse.
    @Test(arguments: cases)
    func `what must be refused before anybody reads it is refused`(row: Case) {
        let parsed = parseRequests(row.bytes)
        let statuses = parsed.events.filter { $0 == .end }.count
        guard let error = parsed.error else {
            #expect(statuses >= row.statuses.count)
            return
        }
        #expect(error.status.code == row.statuses.last)
        #expect(statuses == row.statuses.count - 1)
    }

    @Test(arguments: cases)
    func `where the bytes are cut changes nothing`(row: Case) {
        let bytes = row.bytes
        let whole = parseRequests(bytes)
        for cut in Self.cuts(of: bytes.count) {
            #expect(parseRequests(bytes, cuts: [cut]) == whole, "cut at \(cut)")
        }
        #expect(parseRequests(bytes, cuts: Array(1..<bytes.count)) == whole)
    }

    @Test(arguments: cases)
    func `a prefix means nothing that the whole does not mean`(row: Case) {
        let bytes = row.bytes
        let whole = parseRequests(bytes)
        for count in Self.cuts(of: bytes.count) {
            var parsed = parseRequests(Array(bytes[..<count]))
            #expect(parsed.error == nil || parsed.error == whole.error, "\(count) bytes")
            if case .body(let part)? = parsed.events.last,
                case .body(let all)? = whole.events.dropFirst(parsed.events.count - 1).first,
                all.starts(with: part)
            {
                parsed.events.removeLast()
            }
            #expect(whole.events.starts(with: parsed.events), "\(count) bytes")
        }
    }

    /// Every place in what is short; of what is long, those near both ends.
    private static func cuts(of count: Int) -> [Int] {
        (1..<count).filter { $0 < 600 || count - $0 < 100 }
    }
}
