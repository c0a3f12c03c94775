package import Primitives

/// What MOVED says: where the object of a stream lives, and how far it got with the stream.
///
/// | bytes | field                                            |
/// |-------|--------------------------------------------------|
/// | 8     | epoch                                            |
/// | 8     | processed                                        |
/// | 1     | bits: 1 interrupted, 2 scattered, only with 1    |
/// | 1 + n | owner, empty when it is not known                |
package struct LinkMoved: Equatable, Sendable {
    /// The epoch of the view from which `owner` is.
    package let epoch: Epoch
    /// Where the object lives as far as the sender knows.
    package let owner: NodeID?
    /// How many messages of this stream the object has handled, never more than were sent.
    package let processed: UInt64
    /// True when the object was stopped within the next message, which may have had its effect.
    package let isInterrupted: Bool
    /// True when so may have each that was sent: the object handles several at once.
    package let isScattered: Bool

    private static let interruptedBit: UInt8 = 1
    private static let scatteredBit: UInt8 = 2

    package init(
        epoch: Epoch,
        owner: NodeID?,
        processed: UInt64,
        isInterrupted: Bool,
        isScattered: Bool = false
    ) {
        self.epoch = epoch
        self.owner = owner
        self.processed = processed
        self.isInterrupted = isInterrupted
        self.isScattered = isScattered
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 96)
        writer.write(epoch.value)
        writer.write(processed)
        writer.write(
            (isInterrupted ? Self.interruptedBit : 0) | (isScattered ? Self.scatteredBit : 0)
        )
        writer.writeText8(owner?.name ?? "")
        return writer.take()
    }

    init(_ bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        epoch = Epoch(try reader.uint64())
        processed = try reader.uint64()
        let bits = try reader.uint8()
        guard bits & ~(Self.interruptedBit | Self.scatteredBit) == 0, bits != Self.scatteredBit
        else { throw .invalidValue }
        isInterrupted = bits & Self.interruptedBit != 0
        isScattered = bits & Self.scatteredBit != 0
        let name = try reader.text8()
        try reader.finish()
        owner = NodeID(name)
        guard owner != nil || name.isEmpty else { throw .invalidValue }
    }
}
