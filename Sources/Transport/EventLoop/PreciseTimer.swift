package import Primitives

/// Calls its owner at an instant, to some microseconds.
///
/// A loop's own timers are rounded up to the milliseconds that its wait counts in. This one is a
/// descriptor that becomes readable, and costs a system call whenever it is armed: for whoever has
/// to keep a rate. Of the kernel's clock alone, so not for a world in memory.
package final class PreciseTimer {
    private let loop: EventLoop
    private let descriptor: FileDescriptor
    private var registration: Registration?
    private var fired: (() -> Void)?
    private var isArmed = false

    /// `fired` is held until `cancel`, or the end of the loop.
    package init(on loop: EventLoop, fired: @escaping () -> Void) throws(SocketError) {
        descriptor = try SystemCall.timerDescriptor()
        self.loop = loop
        self.fired = fired
        registration = try loop.register(descriptor.number, for: .readable, handler: self)
    }

    /// Fires once, at `deadline` or at once when that has passed; whatever was armed before is off.
    package func arm(at deadline: Instant) {
        guard fired != nil else { return }
        isArmed = true
        SystemCall.arm(timer: descriptor.number, at: max(deadline, Instant(nanoseconds: 1)))
    }

    /// Never fires again.
    package func cancel() {
        fired = nil
        if let registration { loop.deregister(registration, descriptor.number) }
        registration = nil
    }
}

extension PreciseTimer: EventHandler {
    package func ready(_ events: ReadyEvents) {
        isArmed = false
        fired?()
        // Else the descriptor would stay readable.
        if !isArmed, fired != nil { SystemCall.arm(timer: descriptor.number, at: nil) }
    }

    package func loopEnded() { fired = nil }
}
