import Glibc
package import Primitives

/// One attempt to connect, with a time limit.
package final class Connector {
    private let loop: EventLoop
    private let address: SocketAddress
    private var descriptor: FileDescriptor?
    private var registration: Registration?
    private var timer: TimerID?
    private var completed: ((Result<StreamConnection, SocketError>) -> Void)?

    private init(_ address: SocketAddress, loop: EventLoop) {
        self.address = address
        self.loop = loop
    }

    /// Connects to `address`, giving up after `timeout`.
    ///
    /// `completed` is called once, on the loop, and never from inside this call.
    package static func connect(
        to address: SocketAddress,
        loop: EventLoop,
        timeout: Duration,
        completed: @escaping (Result<StreamConnection, SocketError>) -> Void
    ) {
        let connector = Connector(address, loop: loop)
        connector.completed = completed
        do {
            try connector.begin(timeout: timeout)
        } catch {
            LoopBound(connector, on: loop).execute { $0.complete(.failure(error)) }
        }
    }

    private func begin(timeout: Duration) throws(SocketError) {
        let socket = try loop.system.socket(.stream, for: address)
        let number = socket.number
        try loop.system.connect(number, to: address)
        descriptor = consume socket
        registration = try loop.register(number, for: .writable, handler: self)
        timer = loop.schedule(after: timeout) { [self] in
            complete(.failure(SocketError(operation: "connect \(address)", code: ETIMEDOUT)))
        }
    }

    private func succeed() {
        guard let descriptor = descriptor.take() else { return }
        release(descriptor.number)
        complete(.success(StreamConnection(descriptor, peer: address, loop: loop)))
    }

    private func complete(_ result: Result<StreamConnection, SocketError>) {
        if let number = descriptor?.number { release(number) }
        descriptor = nil
        let completed = completed.take()
        completed?(result)
    }

    private func release(_ number: Int32) {
        if let timer { loop.cancel(timer) }
        if let registration { loop.deregister(registration, number) }
        timer = nil
        registration = nil
    }
}

extension Connector: EventHandler {
    package func ready(_ events: ReadyEvents) {
        guard let number = descriptor?.number else { return }
        let code = loop.system.pendingError(number)
        if code == 0 {
            succeed()
        } else {
            complete(.failure(SocketError(operation: "connect \(address)", code: code)))
        }
    }
}
