import Placement
import Primitives

/// The disk of one node, with the one file that outlives its processes.
///
/// A write is a file of its own that takes the place of the old one when it is on disk.
struct SimulatedDisk: Sendable {
    /// What the name of the file stands for.
    private var file: [UInt8]?
    /// Not yet on disk; oldest first.
    private var writes: [(number: UInt64, bytes: [UInt8])] = []

    mutating func write(_ state: PersistentState, number: UInt64) {
        writes.append((number, state.encoded))
    }

    /// The oldest write is on disk for good; returns its number.
    mutating func finishWrite() -> UInt64? {
        guard !writes.isEmpty else { return nil }
        let write = writes.removeFirst()
        file = write.bytes
        return write.number
    }

    /// The process is gone: what was not finished is lost, or the first of it has just made it.
    mutating func crash(using generator: inout SplitMix64) {
        if let write = writes.first, Bool.random(using: &generator) { file = write.bytes }
        writes = []
    }

    /// A disk that lied: the file has its new name and only a part of its bytes.
    mutating func tear(using generator: inout SplitMix64) {
        guard let whole = file, whole.count > 1 else { return }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: file = Array(whole.prefix(Int.random(in: 0..<whole.count, using: &generator)))
        case 1:
            let place = Int.random(in: whole.indices, using: &generator)
            file?[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
        default: for place in whole.count / 2..<whole.count { file?[place] = 0 }
        }
    }

    mutating func wipe() {
        file = nil
        writes = []
    }

    /// What a new process finds; nil when there never was anything.
    func load() throws(PersistentStateError) -> PersistentState? {
        guard let file else { return nil }
        return try PersistentState(decoding: file)
    }
}
