/// The memory that one event loop reads into, for as long as the loop lives.
///
/// `@safe`: the pointer is this object's own, is freed with it, and every use of what it points to
/// is marked where it happens.
@safe
final class LoopBuffers {
    /// Bytes read from one connection at a time.
    static let readBytesMax = 256 * 1_024

    let read: UnsafeMutableRawBufferPointer

    init() {
        unsafe read = .allocate(byteCount: Self.readBytesMax, alignment: 64)
    }

    deinit { unsafe read.deallocate() }
}
