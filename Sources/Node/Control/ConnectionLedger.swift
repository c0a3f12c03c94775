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
        var connectionsMax: Int
        /// Zero is no limit.
        var connectionsPerAddressMax: Int
        var total = 0
        /// Empty without a limit for each address.
        var byAddress: [SocketAddress.IP: Int] = [:]

        /// The address as it is counted; nil where none is.
        func counted(_ address: SocketAddress?) -> SocketAddress.IP? {
            connectionsPerAddressMax > 0 ? address?.ip : nil
        }

        func hasRoom(for address: SocketAddress.IP) -> Bool {
            byAddress[address, default: 0] < connectionsPerAddressMax
        }

        mutating func leave(_ address: SocketAddress.IP?) {
            guard let address else { return }
            let left = byAddress[address, default: 0] - 1
            byAddress[address] = left > 0 ? left : nil
        }
    }

    private let counts: Mutex<Counts>

    init(connectionsMax: Int, connectionsPerAddressMax: Int) {
        counts = Mutex(
            Counts(
                connectionsMax: connectionsMax,
                connectionsPerAddressMax: connectionsPerAddressMax
            )
        )
    }

    /// Other limits, for whoever comes from now on.
    ///
    /// Who came while there was no limit for an address counts for none.
    func set(connectionsMax: Int, connectionsPerAddressMax: Int) {
        counts.withLock { counts in
            counts.connectionsMax = connectionsMax
            counts.connectionsPerAddressMax = connectionsPerAddressMax
        }
    }

    /// How many leases there are.
    var count: Int { counts.withLock { $0.total } }

    /// A place for one more client, unless there is none.
    ///
    /// Without an address it counts for none, until it is moved.
    func lease(for address: SocketAddress?) throws(Refusal) -> ConnectionLease {
        let place: Result<SocketAddress.IP?, Refusal> = counts.withLock { counts in
            guard counts.total < counts.connectionsMax else { return .failure(.full) }
            let counted = counts.counted(address)
            if let counted {
                guard counts.hasRoom(for: counted) else { return .failure(.addressFull) }
                counts.byAddress[counted, default: 0] += 1
            }
            counts.total += 1
            return .success(counted)
        }
        return ConnectionLease(ledger: self, address: try place.get())
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
        let leaving = former
        // The same address where it stays, and where it has no room.
        let place: Result<SocketAddress.IP?, Refusal> = counts.withLock { counts in
            let counted = counts.counted(address)
            guard counted != leaving else { return .success(leaving) }
            if let counted {
                guard counts.hasRoom(for: counted) else { return .failure(.addressFull) }
                counts.byAddress[counted, default: 0] += 1
            }
            counts.leave(leaving)
            return .success(counted)
        }
        guard case .success(let counted) = place else { return false }
        former = counted
        return true
    }
}

/// The place of one client among those that a node may have.
final class ConnectionLease: Sendable {
    /// Nil where none is counted, as by default.
    private let counted: Mutex<Counted?>
    private let ledger: ConnectionLedger

    private final class Counted: Sendable {
        let address: SocketAddress.IP

        init(_ address: SocketAddress.IP) { self.address = address }
    }

    fileprivate init(ledger: ConnectionLedger, address: SocketAddress.IP?) {
        self.ledger = ledger
        counted = Mutex(address.map(Counted.init))
    }

    /// Counts for this address from now on; false, and it counts as before, where that is full.
    func move(to address: SocketAddress?) -> Bool {
        counted.withLock { counted in
            var place = counted?.address
            guard ledger.move(from: &place, to: address) else { return false }
            if place != counted?.address { counted = place.map(Counted.init) }
            return true
        }
    }

    deinit { ledger.end(counted.withLock { $0?.address }) }
}
