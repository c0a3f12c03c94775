public import Foundation
import Transport

extension ObjectContext {
    /// Runs `work` besides the events, and keeps the instance in memory until it is done.
    ///
    /// A planned move waits for it too, within `HostSettings.drainTime`. After
    /// `HostSettings.backgroundWorkTime` (15 min) it is cancelled and waited for no longer, and so
    /// it is when the instance is gone. False, and nothing runs, when the instance is gone already
    /// or has `HostSettings.backgroundWorkMax` (1,024) of these at work. For the object's own code.
    @discardableResult
    public func waitUntil(_ work: @escaping @Sendable () async -> Void) -> Bool {
        object.onLoop.keep(work)
    }

    /// The time, and a way to wait for a later one.
    public var clock: ObjectClock { ObjectClock(loop: loop) }

    /// Chance: use it for every random choice, so that a test can repeat it.
    ///
    ///     var random = context.random
    ///     let die = Int.random(in: 1...6, using: &random)
    public var random: ObjectRandom { ObjectRandom(loop: loop) }
}

/// The clock of an object's node; any thread.
public struct ObjectClock: Sendable {
    fileprivate let loop: EventLoop

    /// What people call the time.
    public var now: Date { Date(timeIntervalSince1970: loop.system.wallTime / .seconds(1)) }

    /// Waits at least so long; throws `CancellationError` when the task is cancelled or the node
    /// ends meanwhile.
    public func sleep(for duration: Duration) async throws {
        let sleeper = LoopBound(Sleeper(), on: loop)
        let isOver = await withTaskCancellationHandler {
            await Waiter.value(on: loop, otherwise: false) { waiter in
                sleeper.onLoop.sleep(waiter, for: duration, on: sleeper.loop)
            }
        } onCancel: {
            sleeper.execute { $0.cancel(on: sleeper.loop) }
        }
        guard isOver else { throw CancellationError() }
    }
}

/// Chance as an object's node gives it; any thread.
public struct ObjectRandom: RandomNumberGenerator, Sendable {
    fileprivate let loop: EventLoop

    /// 64 bits of it.
    public func next() -> UInt64 { loop.entropy.next() }
}

/// One task that waits for a time; lives on a loop.
private final class Sleeper {
    /// Resumed with true when the time is over.
    private var waiter: Waiter<Bool>?
    private var timer: TimerID?
    private var isCancelled = false

    func sleep(_ waiter: Waiter<Bool>, for duration: Duration, on loop: EventLoop) {
        guard !isCancelled else { return waiter.resume(returning: false) }
        self.waiter = waiter
        timer = loop.schedule(after: max(.zero, duration)) { [self] in
            timer = nil
            wake(true)
        }
    }

    func cancel(on loop: EventLoop) {
        isCancelled = true
        if let timer { loop.cancel(timer) }
        timer = nil
        wake(false)
    }

    private func wake(_ isOver: Bool) {
        waiter?.resume(returning: isOver)
        waiter = nil
    }
}
