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
    /// What one `drain` writes at most: the kernel takes some megabytes of a large message at once, and
    /// nobody else is served meanwhile.
    static let drainedBytesMax = 512 * 1_024

    private struct Chunk {
        var bytes: [UInt8]
        /// It is the rest of what the chunk in front of it has begun.
        var isRest = false
    }

    private var chunks: [Chunk] = []
    private var gathered: [UInt8] = []
    /// The bytes of the first chunk, or of `gathered` when there is none, that are written.
    private var written = 0
    private(set) var count = 0
    /// The chunks that are written: few, for they go in steps.
    private var writtenChunks: UInt32 = 0

    /// The first chunk that is not.
    private var head: Int {
        get { Int(writtenChunks) }
        set { writtenChunks = UInt32(newValue) }
    }

    var isEmpty: Bool { count == 0 }

    /// What is in memory, the written bytes that are not given back yet included.
    var heldBytes: Int { chunks.reduce(gathered.count) { $0 + $1.bytes.count } }

    /// Places for chunks, those of written ones included.
    var heldChunks: Int { chunks.count }

    /// Gathers in this buffer, which is empty, until it is taken back; to be called while nothing waits.
    mutating func gather(in buffer: consuming [UInt8]) {
        if isEmpty { gathered = buffer }
    }

    /// The buffer, for somebody else; empty as long as something waits.
    mutating func takeBuffer() -> [UInt8] {
        guard isEmpty else { return [] }
        var buffer: [UInt8] = []
        swap(&buffer, &gathered)
        return buffer
    }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        guard bytes.count >= Self.sharedBytesMin else {
            gathered.append(contentsOf: bytes)
            return
        }
        sealGathered()
        chunks.append(Chunk(bytes: bytes))
    }

    /// Gathers a copy, however large it is.
    mutating func append(copyOf bytes: Span<UInt8>) {
        count += bytes.count
        gathered.append(ShortBytes(), bytes)
    }

    /// Gathers `head` with `rest` behind it, which is kept as it is when it is large.
    mutating func append(_ head: ShortBytes, rest: [UInt8]) {
        count += head.count
        guard rest.count >= Self.sharedBytesMin else {
            gathered.append(head, rest.span)
            count += rest.count
            return
        }
        gathered.append(head, [UInt8]().span)
        append(rest)
        chunks[chunks.count - 1].isRest = true
    }

    /// Writes until everything is gone, `write` takes no more, or `drainedBytesMax` bytes are.
    ///
    /// It is given what is first and what comes behind that, answers the bytes that it took of both,
    /// nil for none now, and is told whether more will follow.
    mutating func drain<Failure: Error>(
        _ write: (
            _ first: UnsafeRawBufferPointer,
            _ second: UnsafeRawBufferPointer,
            _ isLast: Bool
        ) throws(Failure) -> Int?
    ) throws(Failure) {
        var room = Self.drainedBytesMax
        while room > 0, count > 0 {
            let second = head + 1 < chunks.count ? chunks[head + 1].bytes : gathered
            let taken =
                head < chunks.count
                ? unsafe try step(chunks[head].bytes, second, room, write)
                : unsafe try step(gathered, [], room, write)
            guard let taken else { return }
            room -= taken
            drop(taken)
        }
    }

    /// Takes back what nothing has been written of; what is begun stays, so that it can be ended.
    ///
    /// Bytes that were gathered with begun ones stay too: where one `append` ends and the next begins
    /// is not known there.
    mutating func discardUnbegun() {
        if head < chunks.count {
            let isBegun = written > 0 || chunks[head].isRest
            var kept = isBegun ? head + 1 : head
            while isBegun, kept < chunks.count, chunks[kept].isRest { kept += 1 }
            chunks = Array(chunks[head..<kept])
            gathered = []
        } else {
            chunks = []
            if written == 0 { gathered = [] }
        }
        head = 0
        count = heldBytes - written
    }

    /// Adds what waits to `total`.
    func count(into total: inout SharedByteCount) {
        for chunk in chunks[head...] { total.add(chunk.bytes) }
        total.add(own: gathered.count)
    }

    /// So many bytes are written, of the first chunk and the one behind it.
    private mutating func drop(_ taken: Int) {
        count -= taken
        written += taken
        while head < chunks.count, written >= chunks[head].bytes.count { dropFirstChunk() }
        if head == chunks.count { dropWrittenOfGathered() }
    }

    private mutating func dropFirstChunk() {
        written -= chunks[head].bytes.count
        chunks[head].bytes = []
        head += 1
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

    /// How many bytes were taken; nil for none.
    private func step<Failure: Error>(
        _ first: [UInt8],
        _ second: [UInt8],
        _ room: Int,
        _ write: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Bool) throws(Failure) -> Int?
    ) throws(Failure) -> Int? {
        let start = written
        let end = min(first.count, start + room)
        let rest = min(second.count, room - (end - start))
        let isLast = end - start + rest == count
        return try unsafe first.span.withUnsafeBytes { one throws(Failure) in
            try unsafe second.span.withUnsafeBytes { two throws(Failure) in
                try unsafe write(
                    UnsafeRawBufferPointer(rebasing: one[start..<end]),
                    UnsafeRawBufferPointer(rebasing: two[..<rest]),
                    isLast
                )
            }
        }
    }

    /// What is gathered goes before what comes now.
    private mutating func sealGathered() {
        guard !gathered.isEmpty else { return }
        // `written` may count bytes of `gathered`: they stay first in line only with no chunk ahead.
        chunks.append(Chunk(bytes: gathered))
        gathered = []
    }
}
