#if Compression
import CZlib

/// Compresses one direction of a connection, message by message (RFC 7692 section 7.2.1).
///
/// It keeps the window between two messages until `forget`.
///
/// `@safe`: the state is this object's own, does not move, and is freed with it.
@safe
package final class Deflater {
    private static let firstStepBytes = 256
    /// What a sync flush ends with and a message leaves out.
    private static let tailBytes = 4

    /// zlib's state points back at it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil when there is no memory; `windowBits` are 9 to 15, the `level` is 1 to 9.
    package init?(windowBits: Int, level: Int) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe deflateInit2_(
            stream,
            Int32(level),
            Z_DEFLATED,
            -Int32(windowBits),
            Int32(DeflateSupport.memoryLevel(windowBits)),
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else {
            unsafe stream.deallocate()
            return nil
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The next message has nothing to do with those before it.
    package func forget() { unsafe deflateReset(stream) }

    /// The compressed form of a message; at least one byte.
    package func deflate(_ message: Span<UInt8>) -> [UInt8] {
        var payload: [UInt8] = []
        unsafe message.withUnsafeBufferPointer { source in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(source.count)
            var room = max(Self.firstStepBytes, source.count / 4)
            while step(into: &payload, room: room) { room = payload.count }
        }
        payload.removeLast(min(Self.tailBytes, payload.count))
        if payload.isEmpty { payload = [0] }
        return payload
    }

    /// One call of zlib; true when there is more to come.
    private func step(into output: inout [UInt8], room: Int) -> Bool {
        var left = 0
        output.append(addingCapacity: room) { added in
            unsafe added.withUnsafeMutableBufferPointer { buffer, count in
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room)
                unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
                left = Int(unsafe stream.pointee.avail_out)
                count = room - left
            }
        }
        return left == 0
    }
}
#else
/// Compresses; in this build there is no value of it.
package final class Deflater {
    package init?(windowBits: Int, level: Int) { nil }

    /// Does nothing.
    package func forget() {}

    /// Never called.
    package func deflate(_ message: Span<UInt8>) -> [UInt8] { [] }
}
#endif
