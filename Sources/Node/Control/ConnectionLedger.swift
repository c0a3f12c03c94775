import Primitives
import Synchronization

/// Counts the clients that are connected to one node, over all of its loops.
///
/// A connection holds a lease from its accept to its end, and the lease gives its place back when
/// it is let go of. Any thread.
final class ConnectionLedger: Sendable {
    enum Refusal: Error, Equatable {
        /// The node has as many clients as it may have.
        case full
        /// So has this address.
        case addressFull

        /// The word under which it is counted.
        var reason: StaticString {
            switch self {
            case .full: "connection_limit"
            case .addressFull: "address_limit"
            }
        }
    }

    private struct Counts {
        var total = 0
        /// Empty without a limit for each address.
        var byAddress: [SocketAddress.IP: Int] = [:]

        mutating func leave(_ address: SocketAddress.IP?) {
            guard let address else { return }
            let left = byAddress[address, default: 0] - 1
            byAddress[address] = left > 0 ? left : nil
        }
    }

    private let connectionsMax: Int
    /// Zero is no limit.
    private let connectionsPerAddressMax: Int
    private let counts = Mutex(Counts())

    init(connectionsMax: Int, connectionsPerAddressMax: Int) {
        self.connectionsMax = connectionsMax
        self.connectionsPerAddressMax = connectionsPerAddressMax
    }

    /// How many leases there are.
    var count: Int { counts.withLock { $0.total } }

    /// A place for one more client, unless there is none.
    ///
    /// Without an address it counts for none, until it is moved.
    func lease(for address: SocketAddress?) throws(Refusal) -> ConnectionLease {
        let counted = connectionsPerAddressMax > 0 ? address?.ip : nil
        let refusal: Refusal? = counts.withLock { counts in
            guard counts.total < connectionsMax else { return .full }
            if let counted {
                guard counts.byAddress[counted, default: 0] < connectionsPerAddressMax else {
                    return .addressFull
                }
                counts.byAddress[counted, default: 0] += 1
            }
            counts.total += 1
            return nil
        }
        if let refusal { throw refusal }
        return ConnectionLease(ledger: self, address: counted)
    }

    fileprivate func end(_ address: SocketAddress.IP?) {
        counts.withLock { counts in
            counts.total -= 1
            counts.leave(address)
        }
    }

    /// False, and nothing is changed, when the address has as many as it may have.
    fileprivate func move(from former: inout SocketAddress.IP?, to address: SocketAddress?) -> Bool
    {
        let counted = connectionsPerAddressMax > 0 ? address?.ip : nil
        guard counted != former else { return true }
        let leaving = former
        let isMoved = counts.withLock { counts in
            if let counted {
                let count = counts.byAddress[counted, default: 0]
                guard count < connectionsPerAddressMax else { return false }
                counts.byAddress[counted] = count + 1
            }
            counts.leave(leaving)
            return true
        }
        if isMoved { former = counted }
        return isMoved
    }
}

/// The place of one client among those that a node may have.
final class ConnectionLease: Sendable {
    private let address: Mutex<SocketAddress.IP?>
    private let ledger: ConnectionLedger

    fileprivate init(ledger: ConnectionLedger, address: SocketAddress.IP?) {
        self.ledger = ledger
        self.address = Mutex(address)
    }

    /// Counts for this address from now on; false, and it counts as before, where that is full.
    func move(to address: SocketAddress?) -> Bool {
        self.address.withLock { ledger.move(from: &$0, to: address) }
    }

    deinit { ledger.end(address.withLock { $0 }) }
}
