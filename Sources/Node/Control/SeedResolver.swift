import Dispatch
import Primitives
import Transport

/// The addresses of the seeds: a name may have several, and another one tomorrow.
enum SeedResolver {
    private static let queue = DispatchQueue(label: "rookery.seeds")

    /// Resolves every seed, off the loop; `completed` is called on it with what was found.
    static func resolve(
        _ seeds: [SeedAddress],
        on loop: EventLoop,
        completed: @escaping @Sendable ([SocketAddress]) -> Void
    ) {
        queue.async {
            var addresses: [SocketAddress] = []
            for seed in seeds {
                let found = NameResolver.addresses(of: seed.host, port: seed.port)
                for address in found where !addresses.contains(address) {
                    addresses.append(address)
                }
            }
            loop.execute { [addresses] in completed(addresses) }
        }
    }
}
