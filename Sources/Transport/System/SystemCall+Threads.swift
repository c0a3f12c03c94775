import Glibc
import Primitives

/// Threads of one's own, for what runs as long as the process.
extension SystemCall {
    /// What a new thread is handed.
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a thread that ends with it, and that nobody waits for.
    package static func startThread(
        _ body: @escaping @Sendable () -> Void
    ) throws(SocketError) {
        let start = unsafe Unmanaged.passRetained(Start(body))
        var id = pthread_t()
        let code = unsafe pthread_create(
            &id,
            nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                unsafe Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            },
            start.toOpaque()
        )
        guard code == 0 else {
            unsafe start.release()
            throw SocketError(operation: "pthread_create", code: code)
        }
        pthread_detach(id)
    }

    /// Has the calling thread sleep so long.
    package static func sleep(for time: Duration) {
        let nanoseconds = max(time.nanoseconds, 0)
        var next = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
        var rest = timespec()
        while unsafe nanosleep(&next, &rest) != 0, errno == EINTR { next = rest }
    }
}
