import Foundation
import Rookery

/// Counts what the clients of one address do, in all rooms together.
actor Limiter: DurableObject {
    static let calls: [any AnyObjectCall] = [act]
    /// What an address has used up must not be forgotten before it is paid for.
    static let staysInMemory = true

    /// An action is done; the answer is how many seconds to wait before the next.
    static let act = ObjectCall("act") { (limiter: isolated Limiter) in
        limiter.allowance.act(at: Date())
    }

    let context: ObjectContext
    private var allowance = Allowance()

    init(context: ObjectContext) { self.context = context }

    func snapshot() throws -> Snapshot? { try Snapshot(encoding: allowance) }

    func didTakeOver(_ takeOver: TakeOver) throws {
        allowance = try takeOver.snapshot?.decoded() ?? Allowance()
    }

    /// The limiter of a client: one for each IPv4 address, and for each IPv6 network of 64 bits,
    /// in which a client takes whatever address it likes.
    static func name(for client: SocketAddress?) -> String {
        switch client?.ip {
        case .v4(let address): "4-" + String(address, radix: 16)
        case .v6(let network, _): "6-" + String(network, radix: 16)
        case nil: "unknown"
        }
    }
}
