import CLinux

/// The memory that one event loop reads into, for as long as the loop lives.
///
/// `@safe`: the pointers are this object's own, are freed with it, and every use of what they point
/// to is marked where it happens.
@safe
final class LoopBuffers {
    /// Bytes read from one connection at a time.
    static let readBytesMax = 256 * 1_024

    let events: UnsafeMutableBufferPointer<epoll_event>
    let read: UnsafeMutableRawBufferPointer

    init(eventCount: Int) {
        unsafe events = .allocate(capacity: eventCount)
        unsafe read = .allocate(byteCount: Self.readBytesMax, alignment: 64)
    }

    deinit {
        unsafe events.deallocate()
        unsafe read.deallocate()
    }
}
