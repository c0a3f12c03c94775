import Primitives

// What grows with nodes, names and sessions: `swift run -c release scale --help`.

/// The program: its parts one after the other.
@main
enum Scale {
    static let usage = """
        usage: scale [PART…] [--nodes N[,N…]] [--seed N]

        parts, all of them by default:
          membership  the failure detector alone: cost at rest, and the loss of a tenth
          cluster     views and leases: cost at rest, of a voter too, join storms, losses
          links       what idle links cost, of which each pair of nodes has two
          names       1,000,000 names: spread, what a join moves, tables
          sessions    100,000 sessions of a node: what a change of the view makes it say

        --nodes  how many nodes, one figure or several; 3 to 1,000 (default 10,30,100,300;
                 names, links and sessions also 1,000)
        --seed   of the simulated clusters (default 1)
        """

    /// What is to be run; nil when the arguments are wrong or ask for help.
    struct Plan: Equatable {
        static let parts = ["membership", "cluster", "links", "names", "sessions"]

        var parts = Plan.parts
        var nodes: [Int]?
        var seed: UInt64 = 1

        init?(_ arguments: some Sequence<String>) {
            var chosen: [String] = []
            var rest = Array(arguments)[...]
            while let argument = rest.popFirst() {
                if argument == "--nodes" {
                    let counts = (rest.popFirst() ?? "").split(separator: ",").map { Int($0) }
                    let known = counts.compactMap { $0 }.filter { (3...1_000).contains($0) }
                    guard !known.isEmpty, known.count == counts.count else { return nil }
                    nodes = known
                } else if argument == "--seed" {
                    guard let number = UInt64(rest.popFirst() ?? "") else { return nil }
                    seed = number
                } else if Plan.parts.contains(argument) {
                    chosen.append(argument)
                } else {
                    return nil
                }
            }
            if !chosen.isEmpty { parts = chosen }
        }
    }

    static func main() {
        guard let plan = Plan(CommandLine.arguments.dropFirst()) else { return print(usage) }
        let few = plan.nodes ?? [10, 30, 100, 300]
        let many = plan.nodes ?? [10, 100, 1_000]
        for part in plan.parts {
            let time = measured {
                switch part {
                case "membership": MembershipPart.run(nodes: few)
                case "cluster":
                    for count in few {
                        var part = ClusterPart(nodes: count, seed: plan.seed)
                        part.run()
                    }
                case "links": LinksPart.run(nodes: many)
                case "names": NamesPart.run(nodes: plan.nodes ?? [3, 10, 100, 1_000])
                default: SessionsPart.run(nodes: many)
                }
            }
            print("\(part): \(figure(time)) s of processor time")
        }
    }
}
