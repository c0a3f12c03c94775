package import Primitives

/// The start of a connection: both sides prove that they know the secret of the cluster.
///
///     dialler                              acceptor
///     HELLO      who, versions, nonce  ->
///                                      <-  CHALLENGE  who, version, nonce, key
///     AUTH       code over both        ->
///                                      <-  READY      code over both, epoch
///
/// The dialler proves first, so whoever merely scans learns nothing. A code covers a byte for the
/// role, which stops reflection, and the hashes of HELLO and CHALLENGE, which stops downgrade and
/// false names; the two nonces stop replay. This tells who the peer is; it does not protect what
/// follows, for which there are private networks.
///
/// After an error the connection is closed without an answer. The driver closes it too when the
/// handshake has not ended within `LinkLimits.handshakeTimeout`.
package struct LinkHandshake: Sendable {
    /// The versions of the link that this build speaks.
    ///
    /// They are its own and the one before it, so that the nodes of a cluster can be replaced one by
    /// one. Version 1 was in no release.
    package static let versions: ClosedRange<UInt8> = 2...2

    /// What this node says of itself.
    package struct Local: Sendable {
        package let node: NodeID
        package let incarnation: Incarnation
        /// Where this node listens for links.
        package let address: SocketAddress
        /// The latest epoch that this node knows.
        package let epoch: Epoch
        package let keyring: LinkKeyring
        /// The versions of the link that this node speaks.
        package let versions: ClosedRange<UInt8>

        package init(
            node: NodeID,
            incarnation: Incarnation,
            address: SocketAddress,
            epoch: Epoch,
            keyring: LinkKeyring,
            versions: ClosedRange<UInt8> = LinkHandshake.versions
        ) {
            self.node = node
            self.incarnation = incarnation
            self.address = address
            self.epoch = epoch
            self.keyring = keyring
            self.versions = versions
        }
    }

    /// What is known of the peer when the handshake has succeeded.
    package struct Peer: Equatable, Sendable {
        package let node: NodeID
        package let incarnation: Incarnation
        /// Where the peer listens for links, whichever side dialled.
        package let address: SocketAddress
        /// Which lane this connection is.
        package let lane: UInt8
        /// How many data lanes the dialler wants beside lane 0.
        package let laneCount: UInt8
        package let version: UInt8
        /// The latest epoch that the acceptor knows; `none` at the acceptor.
        package let epoch: Epoch
    }

    private enum State: Sendable {
        case awaitingHello
        case awaitingChallenge(hello: LinkHello, bytes: [UInt8])
        case awaitingAuth(Peer, LinkKeyring.Key, transcript: [UInt8])
        case awaitingReady(Peer, LinkKeyring.Key, transcript: [UInt8])
        case concluded
    }

    /// What stands in front of the hashes, so that no code serves for the other side.
    private enum Role: UInt8 {
        case dialler = 0x01
        case acceptor = 0x02
    }

    private let local: Local
    private let nonce: [UInt8]
    private var state: State
    private var pending: [UInt8] = []
    /// The bytes of the frames that were read.
    private var readCount = 0

    /// Begins as the dialler of `lane` (0 is control, 1 to `laneCount` are data) with its HELLO.
    ///
    /// `nonce` is 32 random bytes that are never used again.
    package init(
        dialling lane: UInt8,
        of laneCount: UInt8,
        as local: Local,
        nonce: [UInt8],
        output: inout ByteWriter
    ) {
        precondition(nonce.count == LinkHello.nonceBytes, "a nonce of \(nonce.count) bytes")
        precondition(Self.allows(lane, of: laneCount), "lane \(lane) of \(laneCount)")
        self.local = local
        self.nonce = nonce
        let hello = LinkHello(
            versionMin: local.versions.lowerBound,
            versionMax: local.versions.upperBound,
            laneCount: laneCount,
            clusterTag: local.keyring.clusterTag,
            lane: lane,
            sender: local.name,
            nonce: nonce,
            keyIDs: local.keyring.keys.map(\.id)
        )
        let bytes = hello.encode()
        state = .awaitingChallenge(hello: hello, bytes: bytes)
        Self.write(.hello, bytes, to: &output)
    }

    /// Begins as the acceptor, which waits for the HELLO of the peer.
    package init(accepting local: Local, nonce: [UInt8]) {
        precondition(nonce.count == LinkHello.nonceBytes, "a nonce of \(nonce.count) bytes")
        self.local = local
        self.nonce = nonce
        state = .awaitingHello
    }

    /// Takes bytes of the peer and appends the answer to `output`.
    ///
    /// Returns the peer when the handshake has succeeded, once; `takeLeftover` then has the bytes
    /// that are already for the lane.
    package mutating func receive(
        _ bytes: Span<UInt8>,
        output: inout ByteWriter
    ) throws(LinkError) -> Peer? {
        pending.append(copying: bytes)
        while let frame = try nextFrame() {
            if let peer = try step(frame, &output) {
                state = .concluded
                return peer
            }
        }
        return nil
    }

    /// The bytes behind the handshake, for the lane.
    package mutating func takeLeftover() -> [UInt8] {
        let leftover = pending
        pending = []
        return leftover
    }

    private struct Frame {
        let type: LinkFrameType
        let payload: [UInt8]
    }

    /// The next whole frame; its length is checked before the bytes are waited for.
    private mutating func nextFrame() throws(LinkError) -> Frame? {
        guard pending.count >= LinkFrameHeader.byteCount else { return nil }
        let header = LinkFrameHeader(from: pending.span)
        guard let type = LinkFrameType(rawValue: header.typeCode) else {
            throw .unknownType(header.typeCode)
        }
        guard type == awaited else { throw .unexpected(type: header.typeCode) }
        let frameCount = LinkFrameHeader.byteCount + header.payloadCount
        guard readCount + frameCount <= LinkLimits.handshakeBytesMax else {
            throw .handshakeTooLong(count: readCount + frameCount)
        }
        guard pending.count >= frameCount else { return nil }
        let payload = Array(pending[LinkFrameHeader.byteCount..<frameCount])
        pending.removeFirst(frameCount)
        readCount += frameCount
        return Frame(type: type, payload: payload)
    }

    private var awaited: LinkFrameType? {
        switch state {
        case .awaitingHello: .hello
        case .awaitingChallenge: .challenge
        case .awaitingAuth: .auth
        case .awaitingReady: .ready
        case .concluded: nil
        }
    }

    private mutating func step(
        _ frame: Frame,
        _ output: inout ByteWriter
    ) throws(LinkError) -> Peer? {
        switch state {
        case .awaitingHello:
            try answer(LinkHello(frame.payload), frame.payload, &output)
            return nil
        case .awaitingChallenge(let hello, let bytes):
            try prove(hello, bytes, frame.payload, &output)
            return nil
        case .awaitingAuth(let peer, let key, let transcript):
            return try accept(peer, key, transcript, frame.payload, &output)
        case .awaitingReady(let peer, let key, let transcript):
            return try conclude(peer, key, transcript, frame.payload)
        case .concluded:
            throw .unexpected(type: frame.type.rawValue)
        }
    }
}

// The four steps.
extension LinkHandshake {
    private mutating func answer(
        _ hello: LinkHello,
        _ bytes: [UInt8],
        _ output: inout ByteWriter
    ) throws(LinkError) {
        guard hello.clusterTag == local.keyring.clusterTag else { throw .otherCluster }
        guard hello.sender.node != local.node else { throw .talkingToOneself }
        guard Self.allows(hello.lane, of: hello.laneCount) else {
            throw .badLane(lane: hello.lane, of: hello.laneCount)
        }
        let version = min(hello.versionMax, local.versions.upperBound)
        guard version >= max(hello.versionMin, local.versions.lowerBound) else {
            throw .versionRefused(min: hello.versionMin, max: hello.versionMax)
        }
        // The first that the dialler signs with and this node knows.
        guard let key = local.keyring.firstKey(of: hello.keyIDs) else {
            throw .unknownKey
        }
        let challenge = LinkChallenge(
            version: version,
            sender: local.name,
            nonce: nonce,
            keyID: key.id
        ).encode()
        let peer = Peer(hello.sender, hello.lane, of: hello.laneCount, version, .none)
        state = .awaitingAuth(peer, key, transcript: Self.transcript(bytes, challenge))
        Self.write(.challenge, challenge, to: &output)
    }

    private mutating func prove(
        _ hello: LinkHello,
        _ helloBytes: [UInt8],
        _ bytes: [UInt8],
        _ output: inout ByteWriter
    ) throws(LinkError) {
        let challenge = try LinkChallenge(bytes)
        guard challenge.sender.node != local.node else { throw .talkingToOneself }
        guard local.versions.contains(challenge.version) else {
            throw .versionRefused(min: challenge.version, max: challenge.version)
        }
        guard let key = local.keyring.key(challenge.keyID) else { throw .unknownKey }
        let transcript = Self.transcript(helloBytes, bytes)
        let peer = Peer(
            challenge.sender,
            hello.lane,
            of: hello.laneCount,
            challenge.version,
            .none
        )
        state = .awaitingReady(peer, key, transcript: transcript)
        Self.write(.auth, Self.code(.dialler, key, transcript), to: &output)
    }

    private func accept(
        _ peer: Peer,
        _ key: LinkKeyring.Key,
        _ transcript: [UInt8],
        _ proof: [UInt8],
        _ output: inout ByteWriter
    ) throws(LinkError) -> Peer {
        guard ConstantTime.equal(proof, Self.code(.dialler, key, transcript)) else {
            throw .wrongSecret
        }
        var ready = ByteWriter()
        ready.write(Self.code(.acceptor, key, transcript))
        ready.write(local.epoch.value)
        Self.write(.ready, ready.bytes, to: &output)
        return peer
    }

    private func conclude(
        _ peer: Peer,
        _ key: LinkKeyring.Key,
        _ transcript: [UInt8],
        _ payload: [UInt8]
    ) throws(LinkError) -> Peer {
        let codeCount = HMACSHA256.byteCount
        guard payload.count == codeCount + 8 else {
            throw .malformed(type: LinkFrameType.ready.rawValue)
        }
        let code = Self.code(.acceptor, key, transcript)
        guard ConstantTime.equal(payload[..<codeCount], code[...]) else { throw .wrongSecret }
        return peer.with(epoch: Epoch(payload.span.uint64(at: codeCount)))
    }

    private static func allows(_ lane: UInt8, of laneCount: UInt8) -> Bool {
        (1...LinkLimits.dataLanesMax).contains(laneCount) && lane <= laneCount
    }

    private static func transcript(_ hello: [UInt8], _ challenge: [UInt8]) -> [UInt8] {
        SHA256.hash(hello) + SHA256.hash(challenge)
    }

    private static func code(
        _ role: Role,
        _ key: LinkKeyring.Key,
        _ transcript: [UInt8]
    ) -> [UInt8] {
        key.code.authenticate([role.rawValue] + transcript)
    }

    private static func write(
        _ type: LinkFrameType,
        _ payload: [UInt8],
        to output: inout ByteWriter
    ) {
        LinkFrameHeader(type, payloadCount: payload.count).encode(to: &output)
        output.write(payload)
    }
}

extension LinkHandshake.Local {
    fileprivate var name: LinkPeerName {
        LinkPeerName(node: node, incarnation: incarnation, address: address)
    }
}

extension LinkHandshake.Peer {
    fileprivate init(
        _ name: LinkPeerName,
        _ lane: UInt8,
        of laneCount: UInt8,
        _ version: UInt8,
        _ epoch: Epoch
    ) {
        node = name.node
        incarnation = name.incarnation
        address = name.address
        self.lane = lane
        self.laneCount = laneCount
        self.version = version
        self.epoch = epoch
    }

    fileprivate func with(epoch: Epoch) -> Self {
        Self(
            LinkPeerName(node: node, incarnation: incarnation, address: address),
            lane,
            of: laneCount,
            version,
            epoch
        )
    }
}
