import Primitives
import Transport

// What the machine has, against what the configuration asks for.
extension DoctorChecks {
    /// Descriptors that a node needs besides those of its clients.
    static let ownDescriptors = 256

    static func descriptors(
        _ facts: MachineFacts,
        _ configuration: NodeConfiguration
    ) -> DoctorFinding {
        let (limit, connections) = (facts.descriptorsMax, configuration.limit.connections)
        let found = "ulimit -n may be \(limit), limit.connections is \(connections)"
        guard limit < connections + ownDescriptors else { return .ok("descriptors", found) }
        return .warning(
            "descriptors",
            found,
            "raise it to \(connections + ownDescriptors) (LimitNOFILE= of the unit, ulimit -Hn),"
                + " or lower limit.connections"
        )
    }

    static func memory(_ facts: MachineFacts, _ configuration: NodeConfiguration) -> DoctorFinding {
        guard let bytes = facts.usableMemoryBytes else {
            return .ok("memory", "the kernel does not tell")
        }
        let buffers = configuration.limit.bufferBytes
        let found = "\(HumanUnits.bytes(bytes)), limit.buffer_bytes is \(HumanUnits.bytes(buffers))"
        guard buffers > bytes / 4 else { return .ok("memory", found) }
        return .warning(
            "memory",
            found,
            "set limit.buffer_bytes to a quarter of the memory at most: messages in parts take up"
                + " to three times their bytes"
        )
    }

    static func cores(_ facts: MachineFacts, _ configuration: NodeConfiguration) -> DoctorFinding {
        let threads = configuration.threads
        let found = "\(facts.cores), threads is \(threads == 0 ? "one for each" : "\(threads)")"
        guard threads > facts.cores else { return .ok("cores", found) }
        return .warning("cores", found, "set threads to 0: more only take from each other")
    }

    static func listenQueue(_ facts: MachineFacts) -> DoctorFinding? {
        guard let queue = facts.listenQueue else { return nil }
        let found = "net.core.somaxconn is \(queue)"
        guard queue < Int(Listener.backlog) else { return .ok("accept queue", found) }
        return .warning(
            "accept queue",
            found,
            "sysctl -w net.core.somaxconn=\(Listener.backlog): many clients that come at once"
                + " wait there"
        )
    }

    /// An outgoing connection of any program may take a port that the node wants to listen on.
    static func outgoingPorts(
        _ facts: MachineFacts,
        _ configuration: NodeConfiguration
    ) -> DoctorFinding? {
        guard let range = facts.outgoingPorts else { return nil }
        let found = "net.ipv4.ip_local_port_range is \(range.lowerBound) to \(range.upperBound)"
        let listeners = configuration.listeners.filter { range.contains(Int($0.address.port)) }
        guard !listeners.isEmpty else { return .ok("outgoing ports", found) }
        let ports = listeners.map { "\($0.address.port)" }.joined(separator: ",")
        return .warning(
            "outgoing ports",
            "\(found): \(listeners.map(\.key).joined(separator: ", ")) may be taken by an outgoing"
                + " connection before the node starts",
            "sysctl -w net.ipv4.ip_local_reserved_ports=\(ports), or take ports below"
                + " \(range.lowerBound)"
        )
    }

    static func swap(_ facts: MachineFacts) -> DoctorFinding? {
        guard let hasSwap = facts.hasSwap else { return nil }
        guard hasSwap else { return .ok("swap", "none") }
        return .warning(
            "swap",
            "the machine has some",
            "swapoff, or vm.swappiness=1: a node that waits for its memory loses its lease"
        )
    }

    static func overcommit(_ facts: MachineFacts) -> DoctorFinding? {
        guard let mode = facts.overcommit else { return nil }
        guard mode == 2 else { return .ok("overcommit", "vm.overcommit_memory is \(mode)") }
        return .warning(
            "overcommit",
            "vm.overcommit_memory is 2",
            "set it to 0: a node reserves more than it uses, and ends when it gets none"
        )
    }

    static func clock(_ facts: MachineFacts) -> DoctorFinding {
        switch facts.isClockSynchronised {
        case true?: .ok("clock", "kept right, the kernel says (NTP or its like)")
        case nil: .ok("clock", "the kernel does not tell whether it is kept right")
        case false?:
            .warning(
                "clock",
                "nothing keeps it right, the kernel says",
                "run chrony or systemd-timesyncd: leases do not need it, but tokens of clients,"
                    + " alarms and the times of log lines do"
            )
        }
    }
}

extension NodeConfiguration {
    /// The keys of what is listened on, with their addresses.
    var listeners: [(key: String, address: SocketAddress)] {
        [
            ("peer.listen", peer.listen), ("client.listen", client.listen),
            ("admin.listen", admin.listen),
        ]
    }
}
