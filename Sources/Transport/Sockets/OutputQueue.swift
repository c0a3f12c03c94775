import Primitives

/// The bytes that a connection has still to write, in order.
///
/// Small writes are gathered in one buffer, so a turn of the loop costs one system call however
/// many messages it sent. Large ones are kept as they are and never copied: one encoded message
/// may wait in the queues of a thousand connections at once.
package struct OutputQueue {
    /// From this size on, bytes are kept by reference.
    ///
    /// Lower copies less and makes more calls.
    package static let sharedBytesMin = 8 * 1_024
    /// An empty gathering buffer larger than this is given back to the system.
    static let keptCapacityMax = 4 * 1_024
    /// What is written goes out of memory in steps of at least so many bytes, or chunks: a reader
    /// that is always a little behind never lets the queue run empty.
    static let droppedBytesMin = 64 * 1_024
    static let droppedChunksMin = 32

    private var chunks: [[UInt8]] = []
    private var head = 0
    private var gathered: [UInt8] = []
    /// The bytes of the first chunk, or of `gathered` when there is none, that are written.
    private var written = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// What is in memory, the written bytes that are not given back yet included.
    var heldBytes: Int { chunks.reduce(gathered.count) { $0 + $1.count } }

    /// Places for chunks, those of written ones included.
    var heldChunks: Int { chunks.count }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        guard bytes.count >= Self.sharedBytesMin else {
            gathered.append(contentsOf: bytes)
            return
        }
        sealGathered()
        chunks.append(bytes)
    }

    /// Gathers what `body` appends.
    mutating func append(_ body: (inout ByteWriter) -> Void) {
        let before = gathered.count
        var writer = ByteWriter(continuing: gathered)
        gathered = []
        body(&writer)
        gathered = writer.take()
        count += gathered.count - before
    }

    /// Writes until everything is gone or `write` takes no more; it answers the bytes it took, nil
    /// for none now, and is told whether more will follow.
    mutating func drain<Failure: Error>(
        _ write: (_ bytes: UnsafeRawBufferPointer, _ isLast: Bool) throws(Failure) -> Int?
    ) throws(Failure) {
        while head < chunks.count {
            let isLast = head == chunks.count - 1 && gathered.isEmpty
            let size = chunks[head].count
            guard unsafe try step(chunks[head], isLast, write) else { return }
            guard written == size else { continue }
            dropFirstChunk()
        }
        while !gathered.isEmpty {
            guard unsafe try step(gathered, true, write) else { return }
            dropWrittenOfGathered()
        }
    }

    /// Takes back what nothing has been written of; what is begun stays, so that it can be ended.
    ///
    /// Bytes that were gathered with begun ones stay too: where one `append` ends and the next begins
    /// is not known there.
    mutating func discardUnbegun() {
        let isBegun = written > 0
        if head < chunks.count {
            let first = isBegun ? [chunks[head]] : []
            chunks = first
            gathered = []
        } else {
            chunks = []
            if !isBegun { gathered = [] }
        }
        head = 0
        count = chunks.reduce(gathered.count) { $0 + $1.count } - written
    }

    /// Adds what waits to `total`.
    func count(into total: inout SharedByteCount) {
        for chunk in chunks[head...] { total.add(chunk) }
        total.add(own: gathered.count)
    }

    private mutating func dropFirstChunk() {
        chunks[head] = []
        head += 1
        written = 0
        if head == chunks.count {
            chunks = []
            head = 0
        } else if head >= max(Self.droppedChunksMin, chunks.count / 2) {
            chunks.removeSubrange(..<head)
            head = 0
        }
    }

    private mutating func dropWrittenOfGathered() {
        if written == gathered.count {
            gathered.removeAll(keepingCapacity: gathered.capacity <= Self.keptCapacityMax)
            written = 0
        } else if written >= max(Self.droppedBytesMin, gathered.count / 2) {
            gathered.removeSubrange(..<written)
            written = 0
        }
    }

    /// False when nothing was taken.
    private mutating func step<Failure: Error>(
        _ bytes: [UInt8],
        _ isLast: Bool,
        _ write: (UnsafeRawBufferPointer, Bool) throws(Failure) -> Int?
    ) throws(Failure) -> Bool {
        let offset = written
        let taken = try unsafe bytes.span.withUnsafeBytes { buffer throws(Failure) in
            try unsafe write(UnsafeRawBufferPointer(rebasing: buffer[offset...]), isLast)
        }
        guard let taken else { return false }
        written += taken
        count -= taken
        return true
    }

    /// What is gathered goes before what comes now.
    private mutating func sealGathered() {
        guard !gathered.isEmpty else { return }
        // `written` may count bytes of `gathered`: they stay first in line only with no chunk ahead.
        chunks.append(gathered)
        gathered = []
    }
}
