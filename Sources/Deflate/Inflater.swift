#if Compression
import CZlib

/// Undoes the compression of one direction of a connection, message by message (RFC 7692 7.2.2).
///
/// It keeps the window between two messages until `forget`. After an error it is of no use.
///
/// `@safe`: the state is this object's own, does not move, and is freed with it.
@safe
package final class Inflater {
    /// How many blocks with the final bit one message may have.
    ///
    /// A sender that uses the bit at all needs one; each costs a copy of the window.
    package static let finalBlocksMax = 16

    /// What a sync flush ends with and a message leaves out.
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    private static let firstStepBytes = 4_096
    /// The bit by which zlib says where it is.
    private static let isBetweenBlocks: Int32 = 128

    /// zlib's state points back at it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil when there is no memory.
    package init?(windowBits: Int) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(
            stream,
            -Int32(max(windowBits, 9)),
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else {
            unsafe stream.deallocate()
            return nil
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The next message has nothing to do with those before it.
    package func forget() { unsafe inflateReset(stream) }

    /// The message that `payload` is the compressed form of, with at most `limit` bytes.
    ///
    /// The limit is looked at while it grows, so no more than twice as much is ever in memory.
    package func inflate(_ payload: [UInt8], limit: Int) throws(InflateError) -> [UInt8] {
        var message: [UInt8] = []
        var finalBlocks = 0
        for part in [payload, Self.tail] {
            var used = 0
            while true {
                let room = min(limit - message.count + 1, max(Self.firstStepBytes, message.count))
                let (status, isFull) = step(part, &used, into: &message, room: room)
                guard message.count <= limit else { throw .tooLong }
                switch status {
                case Z_OK, Z_BUF_ERROR: break
                case Z_STREAM_END:
                    finalBlocks += 1
                    guard finalBlocks <= Self.finalBlocksMax, goOn() else { throw .invalid }
                default: throw .invalid
                }
                guard !isFull, status != Z_STREAM_END else { continue }
                // zlib takes all that it can.
                guard used == part.count else { throw .invalid }
                break
            }
        }
        // Behind the tail the next block begins; anything else is cut off, or not of that form.
        guard unsafe stream.pointee.data_type & Self.isBetweenBlocks != 0 else { throw .invalid }
        return message
    }

    /// One call of zlib: what it answers, and whether it has filled all of `room`.
    private func step(
        _ input: [UInt8],
        _ used: inout Int,
        into output: inout [UInt8],
        room: Int
    ) -> (status: Int32, isFull: Bool) {
        var status = Z_OK
        var left = 0
        let start = used
        output.append(addingCapacity: room) { added in
            unsafe added.withUnsafeMutableBufferPointer { buffer, count in
                unsafe input.withUnsafeBufferPointer { source in
                    let rest = unsafe source[start...]
                    unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
                        mutating: UnsafeBufferPointer(rebasing: rest).baseAddress
                    )
                    unsafe stream.pointee.avail_in = UInt32(rest.count)
                    unsafe stream.pointee.next_out = buffer.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(room)
                    status = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                }
                left = Int(unsafe stream.pointee.avail_out)
                count = room - left
            }
        }
        used = input.count - Int(unsafe stream.pointee.avail_in)
        return (status, left == 0)
    }

    /// Begins anew behind a final block, with the window as it is: a message goes on, and the next
    /// one may refer to it (RFC 7692 section 7.2.3.4).
    private func goOn() -> Bool {
        var window = [UInt8](repeating: 0, count: 1 << 15)
        var count = UInt32(window.count)
        guard unsafe inflateGetDictionary(stream, &window, &count) == Z_OK,
            unsafe inflateReset(stream) == Z_OK
        else { return false }
        return unsafe inflateSetDictionary(stream, window, count) == Z_OK
    }
}
#else
/// Undoes compression; in this build there is no value of it.
package final class Inflater {
    package init?(windowBits: Int) { nil }

    /// Does nothing.
    package func forget() {}

    /// Never called.
    package func inflate(_ payload: [UInt8], limit: Int) throws(InflateError) -> [UInt8] {
        throw .invalid
    }
}
#endif
