import Primitives
import Transport

/// The addresses of the seeds: a name may have several, and another one tomorrow.
enum SeedResolver {
    /// Resolves every seed, on `worker`; `completed` is called on it with what was found, and with
    /// the seeds that were not.
    ///
    /// Of a name that has addresses of both families those of `local` count: the others are the
    /// same nodes once more.
    static func resolve(
        _ seeds: [SeedAddress],
        for local: SocketAddress,
        on loop: EventLoop,
        by worker: BlockingWorker,
        completed: @escaping @Sendable ([SocketAddress], _ missing: [SeedAddress]) -> Void
    ) {
        let system = loop.system
        worker {
            var addresses: [SocketAddress] = []
            var missing: [SeedAddress] = []
            for seed in seeds {
                let found = self.addresses(of: seed, for: local, system)
                if found.isEmpty { missing.append(seed) }
                for address in found where !addresses.contains(address) {
                    addresses.append(address)
                }
            }
            loop.execute { [addresses, missing] in completed(addresses, missing) }
        }
    }

    /// The addresses of one seed, as above.
    ///
    /// It blocks.
    static func addresses(
        of seed: SeedAddress,
        for local: SocketAddress,
        _ system: any System
    ) -> [SocketAddress] {
        if let address = seed.address { return [address] }
        let found = system.addresses(of: seed.host, port: seed.port)
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
