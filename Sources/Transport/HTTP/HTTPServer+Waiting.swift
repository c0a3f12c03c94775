package import Primitives

// What waits in memory for the clients of a server.
extension HTTPServer {
    /// One client, and how it is made to hold less.
    package struct Waiting {
        package let client: SocketAddress?
        package let bytes: Int
        /// False when that is not to be had.
        package let cut: (HTTPRefusal) -> Bool
    }

    /// Adds what waits for all of them to `total`.
    package func count(into total: inout SharedByteCount) {
        for connection in everyone { connection.count(into: &total) }
        for stream in lingering { stream.count(into: &total) }
    }

    /// The clients for whom anything waits, in the order of their coming.
    package var waiting: [Waiting] {
        let served = everyone.map { connection in
            Waiting(
                client: connection.client,
                bytes: connection.heldBytes,
                cut: { connection.shed($0) }
            )
        }
        let leaving = lingering.map { stream in
            Waiting(
                client: stream.peer,
                bytes: stream.chargedBytes,
                cut: { _ in
                    stream.abort()
                    return true
                }
            )
        }
        return (served + leaving).filter { $0.bytes > 0 }
    }
}
