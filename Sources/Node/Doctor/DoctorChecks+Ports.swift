import Glibc
import Primitives
import Transport

// Whether what the node listens on can be had.
extension DoctorChecks {
    /// One finding for each key; `running` says that a node of this name answers at `admin.listen`, so
    /// the ports are its own.
    static func ports(
        _ configuration: NodeConfiguration,
        running: Bool,
        system: any System = kernel
    ) -> [DoctorFinding] {
        configuration.listeners.map { key, address in
            let kinds: [SocketKind] = key == "peer.listen" ? [.stream, .datagram] : [.stream]
            return port(key, address, kinds, running, system)
        }
    }

    private static func port(
        _ key: String,
        _ address: SocketAddress,
        _ kinds: [SocketKind],
        _ running: Bool,
        _ system: any System
    ) -> DoctorFinding {
        let names = kinds.map { $0 == .stream ? "TCP" : "UDP" }.joined(separator: " and ")
        do throws(SocketError) {
            for kind in kinds {
                let socket = try system.socket(kind, for: address)
                if kind == .stream { try system.set(.reuseAddress, on: socket.number) }
                try system.bind(socket.number, to: address)
                if kind == .stream { try system.listen(socket.number, backlog: 1) }
            }
            return .ok(key, "\(address) is free (\(names))")
        } catch {
            guard !running || error.code != EADDRINUSE else {
                return .ok(key, "\(address) is this node's, which runs (\(names))")
            }
            return .failure(key, "\(error)", remedy(for: error, address))
        }
    }

    private static func remedy(for error: SocketError, _ address: SocketAddress) -> String {
        switch error.code {
        case EADDRINUSE:
            "another program has the port: `ss -lntup 'sport = :\(address.port)'` names it"
        case EADDRNOTAVAIL:
            "no interface of this machine has the address: `ip address` lists them; behind a port"
                + " mapping listen on 0.0.0.0 and set peer.advertise"
        case EACCES:
            "ports below 1024 need CAP_NET_BIND_SERVICE: take a higher one, or put a proxy in front"
        default: "take another address"
        }
    }

    /// What the others are told to dial.
    static func advertised(_ configuration: NodeConfiguration) -> DoctorFinding {
        let address = configuration.peer.advertise ?? configuration.peer.listen
        let others = configuration.seeds.compactMap(\.address).filter { $0.ip != address.ip }
        let isHidden = address.isLoopback && others.contains { !$0.isLoopback }
        guard isHidden else { return .ok("peer.advertise", "others dial \(address)") }
        return .failure(
            "peer.advertise",
            "others are told to dial \(address), which is they themselves",
            "listen on an address that \(others[0]) reaches, or set peer.advertise to it"
        )
    }
}
