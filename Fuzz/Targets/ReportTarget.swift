import Foundation
import Node

extension FuzzTarget {
    /// What other nodes say of themselves, and what `rook status` makes of it.
    static let report = FuzzTarget(
        name: "report",
        summary: "the JSON that nodes answer, and the table that is made of it",
        byteCountMax: 3_000,
        seeds: {
            let figures = NodeReport.Figures(
                version: "1",
                uptimeSeconds: 1.5,
                epoch: 3,
                ringHash: "abcd"
            )
            let encoder = JSONEncoder()
            return [try? encoder.encode(figures)].compactMap { $0.map { [UInt8]($0) } }
        },
        check: { bytes throws(Finding) in
            let data = Data(bytes)
            let decoder = JSONDecoder()
            _ = try? decoder.decode(NodeReport.Figures.self, from: data)
            guard let report = try? decoder.decode(StatusReport.self, from: data) else { return }
            let text = StatusTable.text(of: report)
            let isPrintable = text.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" }
            try require(isPrintable, "the table has control characters: \(text)")
        }
    )
}
