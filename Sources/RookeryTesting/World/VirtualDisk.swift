import Node
import Primitives
import Synchronization
import Transport

/// A disk in memory, which survives its node.
final class VirtualDisk: StateDirectory {
    private let number: UInt64
    private let bytes = Mutex<[UInt8]?>(nil)

    /// `number` tells this disk from others; not zero.
    init(number: UInt64) { self.number = number }

    func read() -> [UInt8]? { bytes.withLock { $0 } }

    func write(_ state: [UInt8]) { bytes.withLock { $0 = state } }

    func machine() -> UInt64 { number }

    /// As a new one.
    func erase() { bytes.withLock { $0 = nil } }
}
