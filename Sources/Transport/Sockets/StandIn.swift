import Glibc
import Primitives
import Synchronization

/// Answers on a listening socket while the event loop that has it does not turn.
///
/// To be used from one thread that may block. Whoever is accepted already is not helped.
package final class StandIn: Sendable {
    /// A request that is longer than this, or takes longer, is answered as it is.
    static let requestBytesMax = 8 << 10
    static let requestMilliseconds: Int32 = 500
    /// Clients that are answered in one go.
    static let clientsMax = 64

    /// Nil once the listener is about to be closed.
    private let listener: Mutex<Int32?>

    /// Stands in for `listener` until `end`, which must come before that one is let go of.
    package init(for listener: Listener) { self.listener = Mutex(listener.number) }

    package func end() { listener.withLock { $0 = nil } }

    /// Answers whoever waits or comes within `milliseconds`, with what `response` gives for the
    /// first line of the request.
    package func serve(milliseconds: Int32, response: (_ firstLine: String) -> [UInt8]) {
        for _ in 0..<Self.clientsMax {
            let client = listener.withLock { number -> FileDescriptor? in
                guard let number, SystemCall.waitForInput(number, milliseconds: milliseconds),
                    let next = try? SystemCall.accept(number)
                else { return nil }
                return FileDescriptor(owning: next.number)
            }
            guard let client else { return }
            let request = Self.read(client.number)
            let line = request.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
            SystemCall.writeOnce(client.number, response(String(decoding: line, as: UTF8.self)))
            SystemCall.endSending(client.number)
        }
    }

    /// The request as far as it came.
    private static func read(_ client: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < requestBytesMax, !bytes.ends(with: "\r\n\r\n".utf8),
            SystemCall.waitForInput(client, milliseconds: requestMilliseconds),
            let more = SystemCall.readOnce(client, bytesMax: requestBytesMax), !more.isEmpty
        {
            bytes += more
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate func ends(with other: String.UTF8View) -> Bool {
        suffix(other.count).elementsEqual(other)
    }
}

extension SystemCall {
    /// Waits on the calling thread; false when nothing came in that time.
    fileprivate static func waitForInput(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
    }

    /// Nil when nothing can be read.
    fileprivate static func readOnce(_ descriptor: Int32, bytesMax: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: bytesMax)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            (unsafe try? read(descriptor, into: bytes)) ?? nil
        }
        return count.map { Array(buffer.prefix($0)) }
    }

    /// What the kernel does not take at once is lost; a short answer always fits.
    fileprivate static func writeOnce(_ descriptor: Int32, _ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
            _ = unsafe try? write(descriptor, bytes, none, more: false)
        }
    }
}
