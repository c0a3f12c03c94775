import Placement
import Primitives

// What the other nodes said, or did not say.
extension DoctorChecks {
    /// The addresses of one seed.
    static func resolution(_ seed: SeedAddress, _ addresses: [SocketAddress]) -> DoctorFinding? {
        guard seed.address == nil else { return nil }
        let check = "seed \(seed)"
        guard !addresses.isEmpty else {
            return .failure(
                check,
                "the name has no address",
                "correct seeds, or the resolver of this machine: `getent ahosts \(seed.host)`"
            )
        }
        return .ok(check, "found at \(addresses.map { "\($0)" }.joined(separator: ", "))")
    }

    /// How one seed was reached, by both ways; `unasked` voters have answered another seed's question.
    static func seed(
        _ address: SocketAddress,
        _ link: SeedProbe.LinkResult,
        answersByUDP: Bool,
        unasked: Bool
    ) -> DoctorFinding {
        let check = "seed \(address)"
        switch link {
        case .known where answersByUDP:
            return .ok(check, "answers by UDP and TCP, and has a secret of ours")
        case .known where unasked:
            return .ok(
                check,
                "answers by TCP and has a secret of ours; voters whom it has asked answer by UDP"
            )
        case .known:
            return .failure(
                check,
                "answers by TCP, and nothing came back by UDP",
                "open UDP port \(address.port) there, and the way back to peer.listen and"
                    + " peer.advertise here"
            )
        case .refused(let reason):
            return .failure(
                check,
                "is there by TCP and takes no link: \(reason)",
                "compare cluster.name, the secrets and `rook --version` of both, and that this is its"
                    + " peer.listen"
            )
        case .unreachable(let reason) where answersByUDP:
            return .failure(
                check,
                "answers by UDP, and not by TCP: \(reason)",
                "open TCP port \(address.port) there"
            )
        case .unreachable(let reason):
            return .warning(
                check,
                "does not answer: \(reason)",
                "fine if it does not run yet; else open TCP and UDP port \(address.port) there"
            )
        }
    }

    /// Whether another process has the name; nil when nobody could tell.
    static func nameInUse(_ name: NodeID, _ verdicts: [NameVerdict]) -> DoctorFinding? {
        for case .held(let holder) in verdicts {
            return .failure(
                "name",
                "\(name) is in use by a node at \(holder)",
                "take another node.name and data.directory, unless that is a former run of this"
                    + " node that ends just now"
            )
        }
        guard !verdicts.isEmpty else { return nil }
        let isKnown = verdicts.contains {
            switch $0 {
            case .free: true
            case .unknown, .held: false
            }
        }
        return .ok("name", isKnown ? "\(name) is free, the voters say" : "\(name)")
    }

    /// The links of a node that runs, as it and each of the others say.
    static func links(of node: String, _ report: StatusReport) -> [DoctorFinding] {
        let own = report.nodes.first { $0.name == node }?.figures?.links ?? []
        return report.nodes.filter { $0.name != node }.map { other in
            let check = "peer \(other.name)"
            let here = own.contains { $0.node == other.name && $0.isUp }
            guard let figures = other.figures else {
                return .failure(
                    check,
                    here ? "is linked here and does not answer" : "has no link with this node",
                    "see whether it runs, and open TCP and UDP to its peer.advertise"
                )
            }
            let there = figures.links.contains { $0.node == node && $0.isUp }
            guard here, there else {
                return .failure(
                    check,
                    "link \(here ? "up" : "down") here, \(there ? "up" : "down") there",
                    "open TCP and UDP between the two, both ways"
                )
            }
            return .ok(check, "linked, it says so too")
        }
    }
}
