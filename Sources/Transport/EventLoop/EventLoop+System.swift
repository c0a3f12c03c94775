package import Primitives

// What a loop has of its system. The kernel is asked without a look at which one it is, for each
// message asks for some of it.
extension EventLoop {
    /// What people call the time, since 1970.
    package var wallTime: Duration { virtual?.wallTime ?? Kernel.wallTime }

    /// The time now, which `now` is at the start of a turn.
    package var clock: Instant { virtual?.now ?? BootClock.now }

    /// Chance, as the system gives it.
    package var entropy: Entropy { Entropy(system) }

    func read(
        _ descriptor: Int32,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SocketError) -> Int? {
        guard let virtual else { return try unsafe SystemCall.read(descriptor, into: buffer) }
        return try unsafe virtual.read(descriptor, into: buffer)
    }

    func write(
        _ descriptor: Int32,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        more: Bool
    ) throws(SocketError) -> Int? {
        guard let virtual else {
            return try unsafe SystemCall.write(descriptor, first, second, more: more)
        }
        return try unsafe virtual.write(descriptor, first, second, more: more)
    }
}
