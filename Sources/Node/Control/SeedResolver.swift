import Dispatch
import Primitives
import Transport

/// The addresses of the seeds: a name may have several, and another one tomorrow.
enum SeedResolver {
    private static let queue = DispatchQueue(label: "rookery.seeds")

    /// Resolves every seed, off the loop; `completed` is called on it with what was found, and with
    /// the seeds that were not.
    ///
    /// Of a name that has addresses of both families those of `local` count: the others are the
    /// same nodes once more.
    static func resolve(
        _ seeds: [SeedAddress],
        for local: SocketAddress,
        on loop: EventLoop,
        completed: @escaping @Sendable ([SocketAddress], _ missing: [SeedAddress]) -> Void
    ) {
        queue.async {
            var addresses: [SocketAddress] = []
            var missing: [SeedAddress] = []
            for seed in seeds {
                let found = self.addresses(of: seed, for: local)
                if found.isEmpty { missing.append(seed) }
                for address in found where !addresses.contains(address) {
                    addresses.append(address)
                }
            }
            loop.execute { [addresses, missing] in completed(addresses, missing) }
        }
    }

    private static func addresses(
        of seed: SeedAddress,
        for local: SocketAddress
    ) -> [SocketAddress] {
        if let address = seed.address { return [address] }
        let found = NameResolver.addresses(of: seed.host, port: seed.port)
        let related = found.filter { $0.ip.isSameFamily(as: local.ip) }
        return related.isEmpty ? found : related
    }
}

extension SocketAddress.IP {
    fileprivate func isSameFamily(as other: SocketAddress.IP) -> Bool {
        switch (self, other) {
        case (.v4, .v4), (.v6, .v6): true
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}
