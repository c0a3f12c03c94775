import CLinux
import Glibc
package import Primitives

/// The memory of a batch of datagrams, as `recvmmsg` and `sendmmsg` want it.
///
/// `@safe`: the pointers are this object's own and are freed with it.
@safe
package final class DatagramBuffers {
    enum Datagram {
        case whole(count: Int, sender: SocketAddress)
        case cut
        case unknownSender
    }

    /// Datagrams in a batch.
    package let count: Int
    private let byteCount: Int
    private let memory: UnsafeMutablePointer<UInt8>
    private let vectors: UnsafeMutablePointer<iovec>
    private let senders: UnsafeMutablePointer<sockaddr_storage>
    private let messages: UnsafeMutablePointer<mmsghdr>

    init(count: Int, bytes: Int) {
        self.count = count
        byteCount = bytes
        unsafe memory = .allocate(capacity: count * bytes)
        unsafe vectors = .allocate(capacity: count)
        unsafe senders = .allocate(capacity: count)
        unsafe messages = .allocate(capacity: count)
        unsafe senders.initialize(repeating: sockaddr_storage(), count: count)
        unsafe messages.initialize(repeating: mmsghdr(), count: count)
        for index in 0..<count {
            unsafe vectors[index] = iovec(iov_base: memory + index * bytes, iov_len: bytes)
        }
    }

    deinit {
        unsafe memory.deallocate()
        unsafe vectors.deallocate()
        unsafe senders.deallocate()
        unsafe messages.deallocate()
    }

    /// The headers, set back to take a new batch.
    func forReading() -> UnsafeMutableBufferPointer<mmsghdr> {
        for index in 0..<count {
            unsafe messages[index].msg_hdr.msg_iov = vectors + index
            unsafe messages[index].msg_hdr.msg_iovlen = 1
            unsafe messages[index].msg_hdr.msg_name = UnsafeMutableRawPointer(senders + index)
            unsafe messages[index].msg_hdr.msg_namelen = socklen_t(
                MemoryLayout<sockaddr_storage>.size
            )
        }
        return unsafe UnsafeMutableBufferPointer(start: messages, count: count)
    }

    /// Puts a datagram into place `index` of a batch to send; the socket has checked its length.
    func stage(_ bytes: [UInt8], to address: SocketAddress, at index: Int) {
        let length = min(bytes.count, byteCount)
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe (memory + index * byteCount).update(from: start, count: length)
        }
        let storage = SocketAddressStorage(address)
        unsafe senders[index] = storage.storage
        unsafe messages[index].msg_hdr.msg_iov = unsafe vectors + index
        unsafe vectors[index].iov_len = length
        unsafe messages[index].msg_hdr.msg_iovlen = 1
        unsafe messages[index].msg_hdr.msg_name = unsafe UnsafeMutableRawPointer(senders + index)
        unsafe messages[index].msg_hdr.msg_namelen = storage.length
    }

    /// The datagram that was staged at `index`, and where it is to go.
    package func staged(at index: Int) -> (bytes: [UInt8], address: SocketAddress)? {
        guard let address = unsafe SocketAddressStorage(senders[index]).address else { return nil }
        return unsafe (Array(bytes(at: index, count: vectors[index].iov_len)), address)
    }

    /// Puts a datagram into place `index` as if it had just come; one that is too long is cut.
    package func deliver(_ bytes: [UInt8], from sender: SocketAddress, at index: Int) {
        stage(bytes, to: sender, at: index)
        unsafe messages[index].msg_len = UInt32(min(bytes.count, byteCount))
        let flags = bytes.count > byteCount ? Int32(MSG_TRUNC) : 0
        unsafe messages[index].msg_hdr.msg_flags = flags
    }

    /// Those of the staged datagrams.
    func forSending(_ range: Range<Int>) -> UnsafeMutableBufferPointer<mmsghdr> {
        unsafe UnsafeMutableBufferPointer(start: messages + range.lowerBound, count: range.count)
    }

    func datagram(at index: Int) -> Datagram {
        let message = unsafe messages[index]
        guard unsafe message.msg_hdr.msg_flags & Int32(MSG_TRUNC) == 0 else { return .cut }
        guard let sender = unsafe SocketAddressStorage(senders[index]).address else {
            return .unknownSender
        }
        return .whole(count: unsafe Int(message.msg_len), sender: sender)
    }

    func bytes(at index: Int, count: Int) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: memory + index * byteCount, count: count)
    }
}
