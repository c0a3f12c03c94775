/// What one look of `rook doctor` has found.
package struct DoctorFinding: Codable, Equatable, Sendable {
    /// How bad it is.
    package enum Result: String, Codable, Comparable, Sendable {
        case ok
        /// The node starts, and something will be worse than it could be.
        case warning
        /// The node does not start, or is no part of its cluster.
        case failure

        package static func < (first: Result, second: Result) -> Bool {
            first.order < second.order
        }

        private var order: Int {
            switch self {
            case .ok: 0
            case .warning: 1
            case .failure: 2
            }
        }
    }

    /// What was looked at, in one word.
    package let check: String
    package let result: Result
    package let found: String
    /// What to do; nil where all is well.
    package let remedy: String?

    /// All is well.
    package static func ok(_ check: String, _ found: String) -> DoctorFinding {
        DoctorFinding(check: check, result: .ok, found: found, remedy: nil)
    }

    /// What could be better, and how.
    package static func warning(_ check: String, _ found: String, _ remedy: String) -> DoctorFinding
    {
        DoctorFinding(check: check, result: .warning, found: found, remedy: remedy)
    }

    /// What is in the way, and what to do.
    package static func failure(_ check: String, _ found: String, _ remedy: String) -> DoctorFinding
    {
        DoctorFinding(check: check, result: .failure, found: found, remedy: remedy)
    }
}

/// All that `rook doctor` has found, in the order of its looks.
package struct DoctorReport: Codable, Equatable, Sendable {
    package var findings: [DoctorFinding] = []

    package init(_ findings: [DoctorFinding] = []) { self.findings = findings }

    /// The worst of them.
    package var result: DoctorFinding.Result { findings.map(\.result).max() ?? .ok }

    private enum CodingKeys: String, CodingKey {
        case result
        case findings
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        findings = try container.decode([DoctorFinding].self, forKey: .findings)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(result, forKey: .result)
        try container.encode(findings, forKey: .findings)
    }

    /// A line for each, and below it what to do.
    package var text: String {
        let width = findings.map(\.check.count).max() ?? 0
        let lines = findings.map { finding in
            let check = finding.check + String(repeating: " ", count: width - finding.check.count)
            let mark = finding.result.rawValue
            let head = mark + String(repeating: " ", count: 9 - mark.count) + check
            let remedy = finding.remedy.map {
                "\n" + String(repeating: " ", count: 11 + width) + "→ \($0)"
            }
            return "\(head)  \(finding.found)\(remedy ?? "")"
        }
        return lines.joined(separator: "\n") + "\n\n\(summary)\n"
    }

    private var summary: String {
        let failures = findings.count { $0.result == .failure }
        let warnings = findings.count { $0.result == .warning }
        guard failures + warnings > 0 else { return "All is well." }
        func count(_ number: Int, _ word: String) -> String {
            "\(number) \(word)\(number == 1 ? "" : "s")"
        }
        return "\(count(failures, "failure")), \(count(warnings, "warning"))."
    }
}
