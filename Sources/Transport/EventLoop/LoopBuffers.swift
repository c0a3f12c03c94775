/// The memory that one event loop reads into, for as long as the loop lives, and some of what its
/// connections write from.
///
/// `@safe`: the pointer is this object's own, is freed with it, and every use of what it points to
/// is marked where it happens.
@safe
final class LoopBuffers {
    /// Bytes read from one connection at a time.
    static let readBytesMax = 256 * 1_024

    /// Buffers that wait for the next connection which has something to write: as many as may write in
    /// one turn.
    static let spareCountMax = EventLoop.eventsPerTurnMax

    let read: UnsafeMutableRawBufferPointer
    private var spare: [[UInt8]] = []

    init() {
        unsafe read = .allocate(byteCount: Self.readBytesMax, alignment: 64)
    }

    /// An empty buffer, with room where somebody has given one back.
    func takeSpare() -> [UInt8] { spare.popLast() ?? [] }

    /// Takes an empty buffer back, so that a connection at rest keeps none.
    func giveBack(_ buffer: [UInt8]) {
        if buffer.capacity > 0, spare.count < Self.spareCountMax { spare.append(buffer) }
    }

    deinit { unsafe read.deallocate() }
}
