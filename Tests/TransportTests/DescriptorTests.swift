import Dispatch
import Glibc
import Primitives
import Synchronization
import Testing
import Wire

@testable import Transport

/// Descriptors belong to the process, so each of these tests has one of its own.
@Suite(.timeLimit(.minutes(1))) struct DescriptorTests {
    @Test func `no descriptor is left after hundreds of connections of every end`() async {
        await #expect(processExitsWith: .success) {
            let fixture = try await HTTPFixture(connectionsMax: 300)
            try await Self.visit(fixture, count: 20)
            let before = try Self.openDescriptors()
            try await Self.visit(fixture, count: 400)
            try await Self.settles(at: before)
        }
    }

    @Test func `no descriptor is left after loops and sockets that are let go`() async {
        await #expect(processExitsWith: .success) {
            try await Self.useLoop()
            let before = try Self.openDescriptors()
            for _ in 0..<50 { try await Self.useLoop() }
            try await Self.settles(at: before)
        }
    }

    @Test func `no descriptor is left of a connection that fails`() async {
        await #expect(processExitsWith: .success) {
            let loop = try TestLoop()
            let address = try SocketAddress.unusedLoopback()
            let failures = Watched(0)
            let before = try Self.openDescriptors()
            for _ in 0..<200 {
                try await loop.run { [loop = loop.loop] in
                    Connector.connect(to: address, loop: loop, timeout: .seconds(5)) { _ in
                        failures.update { $0 += 1 }
                    }
                }
            }
            try await failures.until("all failures") { $0 == 200 }
            try await Self.settles(at: before)
        }
    }

    @Test func `a connector and a loop without descriptors say so`() async {
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop()
            try loop.start()
            let outcome = Mutex<[SocketError]>([])
            let isDone = DispatchSemaphore(value: 0)
            Self.setDescriptorLimit(0)
            loop.execute {
                let address = SocketAddress.loopback(port: 1)
                Connector.connect(to: address, loop: loop, timeout: .seconds(5)) { result in
                    if case .failure(let error) = result { outcome.withLock { $0.append(error) } }
                    isDone.signal()
                }
            }
            // Not by a timer of Dispatch or of a task: those want a descriptor of their own.
            #expect(isDone.wait(timeout: .now() + deadlineSeconds) == .success)
            #expect(outcome.withLock(\.self) == [SocketError(operation: "socket", code: EMFILE)])
            let expected = SocketError(operation: "epoll_create1", code: EMFILE)
            #expect(throws: expected) { try EventLoop() }
            Self.setDescriptorLimit(200)
            _ = try EventLoop()
        }
    }
}

// MARK: - Counting

extension DescriptorTests {
    private static func openDescriptors() throws -> Int {
        guard let directory = opendir("/proc/self/fd") else {
            throw SocketError(operation: "opendir", code: errno)
        }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }

    /// Waits until there are no more than before, but for a few.
    ///
    /// Dispatch opens some of its own when it has its first timer, before or after the count. A
    /// leak would be one for each of hundreds.
    private static func settles(at count: Int) async throws {
        try await settled { try openDescriptors() <= count + 10 }
    }

    /// From now on a new descriptor must have a lower number; those that are open stay so.
    private static func setDescriptorLimit(_ limit: rlim_t) {
        var limits = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        limits.rlim_cur = limit
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    }

    /// Clients of every kind, a few at a time.
    private static func visit(_ fixture: HTTPFixture, count: Int) async throws {
        for _ in 0..<(count / 20) {
            try await withThrowingTaskGroup { group in
                for index in 0..<20 { group.addTask { try await visit(fixture, kind: index % 5) } }
                try await group.waitForAll()
            }
        }
        try await fixture.emptied()
        for stream in fixture.seen.value.upgraded { stream.execute { $0.abort() } }
        fixture.seen.update { $0 = HTTPFixture.Seen() }
    }

    private static func visit(_ fixture: HTTPFixture, kind: Int) async throws {
        let peer = try await fixture.connect()
        let host = "Host: a\r\n\r\n"
        try await blocking {
            switch kind {
            case 0:
                try peer.send("GET / HTTP/1.1\r\n\(host)")
                peer.endSending()
                _ = try peer.receiveAll()
            case 1: try peer.send("GET /big HTTP/1.1\r\n\(host)")
            case 2: try peer.send("nonsense\r\n\r\n")
            case 3:
                try peer.send("GET / HTTP/1.1\r\n\(host)")
                peer.reset()
            default:
                try peer.send("GET /upgrade HTTP/1.1\r\n\(host)")
                _ = try peer.receive(count: HTTPFixture.switching.utf8.count)
            }
            peer.close()
        }
    }

    /// A loop with one of everything, let go without a word.
    private static func useLoop() async throws {
        let fixture = try await StreamFixture()
        try await fixture.loop.run { [loop = fixture.loop.loop] in
            try Listener(on: .loopback(port: 0), loop: loop) { _, _ in }.start()
            try DatagramSocket(on: .loopback(port: 0), loop: loop) { _, _ in }.start()
            _ = try Listener(on: .loopback(port: 0), loop: loop) { _, _ in }
        }
    }
}

extension SocketAddress {
    /// A port on which nobody listens, most likely.
    static func unusedLoopback() throws -> SocketAddress {
        let socket = try SystemCall.socket(.stream, for: .loopback(port: 0))
        try SystemCall.bind(socket.number, to: .loopback(port: 0))
        return try SystemCall.localAddress(socket.number) ?? .loopback(port: 1)
    }
}
