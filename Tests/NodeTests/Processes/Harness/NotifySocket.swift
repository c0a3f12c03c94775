import Foundation
import Synchronization

/// The socket of a supervisor, in the file system: what a process says to it, datagram by datagram.
final class NotifySocket: Sendable {
    let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("notify-\(UUID().uuidString)").path
    private let descriptor: Int32
    private let heard = Mutex<[String]>([])

    init() throws {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_UNIX, type, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// All that was said so far, in order.
    var words: [String] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        return heard.withLock { heard in
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count >= 0 else { return heard }
                heard.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
        }
    }
}
