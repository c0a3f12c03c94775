import Synchronization

/// What the clients of a node have waiting in its memory, all together, and what they may have.
///
/// Any thread.
package final class BufferPool: Sendable {
    package let bytesMax: Int
    private let sum = Atomic(0)

    package init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Above this nobody new is served, and the greediest are cut off.
    package var busyBytes: Int { bytesMax / 4 * 3 }

    /// That ends when no more than this is left.
    package var calmBytes: Int { bytesMax / 2 }

    /// Who has no more than this waiting is left alone until the pool is full: so many clients as a
    /// node has by default fill it with that.
    package var modestBytes: Int { bytesMax / 16_384 }

    /// What waits, as far as the loops have told.
    package var bytes: Int { max(0, sum.load(ordering: .relaxed)) }

    package var isBusy: Bool { bytes > busyBytes }

    package var isFull: Bool { bytes > bytesMax }

    /// How much a loop's own count may differ from what it has told.
    var stepBytes: Int { min(256 << 10, bytesMax / 64) }

    fileprivate func add(_ bytes: Int) { sum.wrappingAdd(bytes, ordering: .relaxed) }
}

/// The part of one loop in a `BufferPool`: counted here with every change, and told to the pool in
/// steps.
///
/// What several clients wait for together is counted for each of them, so the count is never too
/// low; `correct` tells what it really is. Lives on its loop.
package final class BufferAccount {
    package let pool: BufferPool
    /// Called when this loop has told of more and the node is busy.
    package var overfull: () -> Void = {}
    /// What the clients of this loop have waiting.
    package private(set) var bytes = 0
    /// What the pool knows of it.
    package private(set) var toldBytes = 0
    private var bytesWhenTold = 0

    package init(pool: BufferPool) { self.pool = pool }

    /// More waits, or less.
    package func change(by delta: Int) {
        bytes += delta
        if abs(bytes - bytesWhenTold) >= pool.stepBytes { tell() }
    }

    /// Tells the pool all that it does not know yet.
    package func tell() {
        let growth = bytes - bytesWhenTold
        set(told: min(max(0, toldBytes + growth), bytes))
        if growth > 0, pool.isBusy { overfull() }
    }

    /// So much does what waits here really take.
    package func correct(to bytes: Int) { set(told: min(max(0, bytes), self.bytes)) }

    private func set(told bytes: Int) {
        pool.add(bytes - toldBytes)
        toldBytes = bytes
        bytesWhenTold = self.bytes
    }
}

/// What one client has waiting.
package struct BufferCharge: Sendable {
    package private(set) var bytes = 0

    package init() {}

    /// It has so much now.
    ///
    /// Without an account nobody else is told.
    package mutating func set(_ bytes: Int, on account: BufferAccount?) {
        guard bytes != self.bytes else { return }
        account?.change(by: bytes - self.bytes)
        self.bytes = bytes
    }
}
