import Primitives
import Transport

/// What one node knows of its links to one run of a peer.
struct LinkedPeer {
    let node: NodeID
    let incarnation: Incarnation
    var address: SocketAddress
    /// False once nobody wants the link any more.
    var isWanted = true
    /// By number: 0 carries control, the others data.
    var lanes: [UInt8: LoopBound<Lane>] = [:]
    /// The number of the connection that each lane has now.
    private var connections: [UInt8: UInt64] = [:]
    var dialling: Set<UInt8> = []
    /// When a connection was last made or lost.
    private(set) var changed: Instant
    /// Since when no lane at all is connected.
    var downSince: Instant?
    private(set) var roundTrip: Duration?
    /// The version of the link that the control lane has agreed on; nil while it is down.
    private(set) var version: UInt8?
    private var failures = 0
    private var retryAt: Instant

    init(node: NodeID, incarnation: Incarnation, address: SocketAddress, now: Instant) {
        self.node = node
        self.incarnation = incarnation
        self.address = address
        changed = now
        retryAt = now
    }

    /// True while the control lane is connected.
    var isUp: Bool { isConnected(0) }

    func isConnected(_ lane: UInt8) -> Bool { connections[lane] != nil }

    func needsDialling(_ lane: UInt8) -> Bool {
        !isConnected(lane) && !dialling.contains(lane)
    }

    /// When a lane that is missing may be dialled.
    func diallingTime(patience: Duration) -> Instant {
        max(retryAt, changed.advanced(by: patience))
    }

    /// When lanes without a connection are given up; nil while one has a connection.
    func resumeEnd(_ settings: PeerLinkSettings) -> Instant? {
        lanes.isEmpty ? nil : downSince?.advanced(by: settings.resumeTime)
    }

    /// When something is to be done for this peer, if nothing happens before; nil for never.
    func nextWish(_ settings: PeerLinkSettings, patience: Duration) -> Instant? {
        guard isWanted else { return nil }
        let isMissing = (0...settings.laneCount).contains(where: needsDialling)
        let dialling = isMissing ? diallingTime(patience: patience) : nil
        return [resumeEnd(settings), dialling].compactMap { $0 }.min()
    }

    mutating func connected(
        _ lane: UInt8,
        by connection: UInt64,
        speaking version: UInt8,
        at now: Instant
    ) {
        connections[lane] = connection
        if lane == 0 { self.version = version }
        changed = now
        downSince = nil
        failures = 0
    }

    /// False for a connection that another has replaced.
    mutating func lost(_ lane: UInt8, by connection: UInt64, at now: Instant) -> Bool {
        guard connections[lane] == connection else { return false }
        connections[lane] = nil
        changed = now
        if connections.isEmpty { downSince = now }
        if lane == 0 { (roundTrip, version) = (nil, nil) }
        return true
    }

    /// Forgets the lanes, whose streams have been given up; new ones will be made.
    mutating func giveUp() {
        lanes = [:]
        connections = [:]
        version = nil
        downSince = nil
    }

    /// In the order of their numbers.
    var lanesInOrder: [LoopBound<Lane>] {
        lanes.sorted { $0.key < $1.key }.map(\.value)
    }

    var dataLanes: [LoopBound<Lane>] {
        lanes.filter { $0.key > 0 }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The next attempt comes later, doubled each time, with half of it left to chance.
    mutating func failed(
        at now: Instant,
        _ settings: PeerLinkSettings,
        entropy: inout Entropy
    ) {
        failures += 1
        var delay = settings.redialShortest
        for _ in 1..<failures where delay < settings.redialLongest { delay *= 2 }
        let longest = min(delay, settings.redialLongest)
        retryAt = now.advanced(by: longest * Double.random(in: 0.5...1.5, using: &entropy))
    }

    /// Smoothed, as TCP does (RFC 6298 section 2).
    mutating func measured(_ time: Duration) {
        roundTrip = roundTrip.map { $0 * 7 / 8 + time / 8 } ?? time
    }
}
