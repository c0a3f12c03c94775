package import Wire

/// What a measurement is to do.
package struct BenchPlan: Equatable, Sendable {
    /// What kind of load.
    package enum Work: String, CaseIterable, Sendable {
        /// Messages that come back as they were.
        case echo
        /// Messages of one sender to many receivers.
        case fanout
        /// Connections that do nothing.
        case idle
        /// Connections that are opened and closed.
        case connect
    }

    /// The descriptors of a process allow less, as a rule.
    package static let connectionCounts = 1...1_000_000
    package static let pipelines = 1...65_536
    package static let payloadSizes = 0...(32 << 20)
    package static let rates = 1...10_000_000
    package static let seconds = 0.1...86_400
    package static let warmups = 0.0...3_600
    package static let threadCounts = 1...64
    package static let copyCounts = 1...16
    package static let urlCountMax = 64
    package static let pidCountMax = 64
    package static let headerCountMax = 64
    package static let tokenByteCountMax = 8_192
    /// Fields that the handshake has itself.
    package static let ownFields = [
        "Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version",
        "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding",
    ]
    /// A message of a fan-out tells which it is.
    package static let fanOutPayloadSizes = FanOutMessage.byteCountMin...(32 << 20)
    /// Of a fan-out, unless said otherwise.
    package static let fanOutPayloadBytes = 100

    package var work = Work.echo
    /// Connections go to them in turn; a sender to the first.
    package var urls: [BenchURL]
    /// Of a fan-out the receivers; for `connect` how many at a time.
    package var connections = 100
    /// Messages that are on their way at a time: of each connection, or of the sender.
    package var pipeline = 1
    package var payloadBytes = 20
    package var isText = false
    /// Messages in a second, of all connections together; nil is as many as come back.
    package var rate: Int?
    /// How long is measured.
    package var seconds = 5.0
    /// What goes before, which does not count.
    package var warmup = 1.0
    package var threads = 1
    /// How often each receiver of a fan-out gets each message.
    package var copies = 1
    /// The server's processes, on this machine: several when it is a cluster.
    package var pids: [Int32] = []
    /// For each handshake.
    package var headers = HTTPHeaders()

    package init(_ urls: [BenchURL]) { self.urls = urls }

    /// With the sender of a fan-out.
    package var connectionCount: Int { connections + (work == .fanout ? 1 : 0) }

    /// No thread without a connection.
    var threadCount: Int { min(threads, connections) }
}
