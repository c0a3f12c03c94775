import Primitives

/// The first frame, from the dialler: who it is, and what it can.
///
/// Magic u32, lowest and highest version u8, capabilities u32, cluster tag 16, lane u8, incarnation
/// u64, length u8 and id of the node, address at which it listens, nonce 32, number of keys u8, the
/// number of each key u32. The low four bits of the capabilities are the number of data lanes.
struct LinkHello: Equatable, Sendable {
    /// The letters `RKL` and the version of this layout.
    static let magic: UInt32 = 0x524B_4C01
    static let clusterTagBytes = 16
    static let nonceBytes = 32
    static let laneCountMask: UInt32 = 0x0F

    let versionMin: UInt8
    let versionMax: UInt8
    let laneCount: UInt8
    let clusterTag: [UInt8]
    let lane: UInt8
    let sender: LinkPeerName
    let nonce: [UInt8]
    let keyIDs: [UInt32]
}

extension LinkHello {
    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.magic)
        writer.write(versionMin)
        writer.write(versionMax)
        writer.write(UInt32(laneCount))
        writer.write(clusterTag)
        writer.write(lane)
        sender.encode(to: &writer)
        writer.write(nonce)
        writer.write(UInt8(keyIDs.count))
        for id in keyIDs { writer.write(id) }
        return writer.take()
    }

    init(_ payload: [UInt8]) throws(LinkError) {
        var reader = ByteReader(payload)
        let magic = try? reader.uint32()
        guard let magic, magic == Self.magic else { throw .badMagic(magic ?? 0) }
        do throws(ByteError) {
            try self.init(afterMagic: &reader)
            try reader.finish()
        } catch {
            throw .malformed(type: LinkFrameType.hello.rawValue)
        }
    }

    private init(afterMagic reader: inout ByteReader) throws(ByteError) {
        versionMin = try reader.uint8()
        versionMax = try reader.uint8()
        laneCount = UInt8(try reader.uint32() & Self.laneCountMask)
        clusterTag = try reader.array(count: Self.clusterTagBytes, limit: Self.clusterTagBytes)
        lane = try reader.uint8()
        sender = try LinkPeerName(from: &reader)
        nonce = try reader.array(count: Self.nonceBytes, limit: Self.nonceBytes)
        let count = Int(try reader.uint8())
        guard count <= LinkKeyring.keyCountMax else {
            throw .tooLong(length: count, limit: LinkKeyring.keyCountMax)
        }
        var keyIDs: [UInt32] = []
        for _ in 0..<count { keyIDs.append(try reader.uint32()) }
        self.keyIDs = keyIDs
    }
}

/// The second frame, from the acceptor: version u8, capabilities u32, then as in `LinkHello` the
/// incarnation, id, address and nonce, and the number of the key it has chosen, u32.
struct LinkChallenge: Equatable, Sendable {
    let version: UInt8
    let sender: LinkPeerName
    let nonce: [UInt8]
    let keyID: UInt32
}

extension LinkChallenge {
    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(version)
        writer.write(UInt32(0))
        sender.encode(to: &writer)
        writer.write(nonce)
        writer.write(keyID)
        return writer.take()
    }

    init(_ payload: [UInt8]) throws(LinkError) {
        do throws(ByteError) {
            var reader = ByteReader(payload)
            version = try reader.uint8()
            _ = try reader.uint32()
            sender = try LinkPeerName(from: &reader)
            nonce = try reader.array(count: LinkHello.nonceBytes, limit: LinkHello.nonceBytes)
            keyID = try reader.uint32()
            try reader.finish()
        } catch {
            throw .malformed(type: LinkFrameType.challenge.rawValue)
        }
    }
}

/// Which run of which node speaks, and where that node listens.
struct LinkPeerName: Equatable, Sendable {
    let node: NodeID
    let incarnation: Incarnation
    let address: SocketAddress
}

extension LinkPeerName {
    func encode(to writer: inout ByteWriter) {
        writer.write(incarnation.value)
        writer.writeText8(node.name)
        address.encode(to: &writer)
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        incarnation = Incarnation(try reader.uint64())
        guard let node = NodeID(try reader.text8()) else { throw .invalidValue }
        self.node = node
        address = try SocketAddress(from: &reader)
    }
}
