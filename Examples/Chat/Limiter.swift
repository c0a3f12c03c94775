import Foundation
import Rookery

/// Counts what the clients of one address do, in all rooms together.
actor Limiter: DurableObject {
    static let calls: [any AnyObjectCall] = [act]

    /// An action is done; the answer is how many seconds to wait before the next.
    static let act = ObjectCall("act") { (limiter: isolated Limiter) in
        limiter.act()
    }

    let context: ObjectContext
    private var allowance = Allowance()
    /// Waits until all is paid for.
    private var payment: Task<Void, Never>?

    init(context: ObjectContext) { self.context = context }

    private func act() -> Double {
        let now = context.clock.now
        let wait = allowance.act(at: now)
        remember(for: allowance.debt(at: now))
        return wait
    }

    /// Stays in memory for so long: what is not paid for must not be forgotten.
    private func remember(for seconds: Double) {
        payment?.cancel()
        let clock = context.clock
        let payment = Task { _ = try? await clock.sleep(for: .seconds(seconds)) }
        self.payment = payment
        context.waitUntil { await payment.value }
    }

    /// Another node goes on with it at once.
    func willLeave(_ reason: LeaveReason) { payment?.cancel() }

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
