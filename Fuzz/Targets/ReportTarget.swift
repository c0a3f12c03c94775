import Foundation
import Node

extension FuzzTarget {
    /// What other nodes say of themselves, and what `rook status` makes of it.
    static let report = FuzzTarget(
        name: "report",
        summary: "the JSON that nodes answer, and the table that is made of it",
        byteCountMax: 3_000,
        seeds: {
            var figures = NodeReport.Figures(
                version: "1",
                uptimeSeconds: 1.5,
                epoch: 3,
                ringHash: "abcd"
            )
            figures.objects = .init(byClass: ["Chat": 2])
            figures.counters = ["x": 3]
            figures.classes = ["Chat"]
            figures.links = [.init(node: "b", isUp: false)]
            let alone = (try? JSONEncoder().encode(figures)).map { [UInt8]($0) }
            let nodes = ["a", "b"].map { NodeReport(name: $0, figures: figures) }
            let members = ["a", "b"].map { name in
                StatusReport.Member(
                    name: name,
                    state: .alive,
                    incarnation: 1,
                    addresses: .init(peer: "", client: "", admin: ""),
                    weight: 100,
                    rttMilliseconds: 0.5
                )
            }
            let report = StatusReport(
                cluster: "c",
                node: "a",
                time: "now",
                view: .init(epoch: 3, ringHash: "abcd", members: 2, converged: false),
                members: members,
                nodes: nodes
            )
            return [alone, try? report.json()].compactMap { $0 }
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
