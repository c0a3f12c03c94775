import Glibc
import Primitives
import Synchronization

@testable import Transport

/// The other end of a connection: a plain blocking socket with a deadline on every call.
final class Peer: Sendable {
    private let descriptor: Mutex<Int32>

    /// `receiveBuffer` bytes are what the kernel takes while nobody reads, about.
    init(connectingTo address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let number = try SystemCall.run("socket") { Int(Glibc.socket(address.family, type, 0)) }
        let socket = FileDescriptor(owning: Int32(number))
        if let receiveBuffer {
            try SystemCall.setOption(socket.number, level: SOL_SOCKET, SO_RCVBUF, receiveBuffer)
        }
        var limit = timeval(tv_sec: Int(deadlineSeconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(socket.number, SOL_SOCKET, option, &limit, size)
        }
        try SystemCall.connect(socket.number, to: address)
        descriptor = Mutex(socket.release())
    }

    deinit { close() }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            sent += try SystemCall.run("send") {
                bytes.withUnsafeBytes { buffer in
                    let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                    return Glibc.send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                }
            }
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Up to `countMax` bytes; none when the other side has ended.
    func receive(upTo countMax: Int = 65_536) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: countMax) { buffer, count in
            count = try SystemCall.run("recv") { recv(number, buffer.baseAddress, countMax, 0) }
        }
    }

    /// Exactly `count` bytes, or fewer when the other side has ended.
    func receive(count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(upTo: min(count - bytes.count, 1 << 20))
            if more.isEmpty { return bytes }
            bytes += more
        }
        return bytes
    }

    /// All bytes up to the other side's end.
    func receiveAll() throws -> [UInt8] { try receive(count: .max) }

    func receiveText() throws -> String { String(decoding: try receiveAll(), as: UTF8.self) }

    /// Ends the sending side only.
    func endSending() { SystemCall.endSending(number) }

    func close() {
        descriptor.withLock { number in
            if number >= 0 { Glibc.close(number) }
            number = -1
        }
    }

    /// Closes with a reset instead of an end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &option, size)
        close()
    }

    private var number: Int32 { descriptor.withLock(\.self) }
}
