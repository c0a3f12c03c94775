import Primitives
import Transport

/// The machine of the clients: one loop, from which every node is reached.
final class TestClients: Sendable {
    let host: VirtualHost
    let loop: EventLoop

    /// On the thread of the world.
    init(_ world: VirtualWorld) {
        host = world.addHost("clients", at: .v4(0x7F02_0001))
        do {
            loop = try EventLoop(on: host)
            try loop.start()
        } catch {
            preconditionFailure("a virtual machine has no limits: \(error)")
        }
    }
}
