import Primitives

/// Something that a test waited for and that did not come, with what is needed to see it again.
public struct TestClusterError: Error, CustomStringConvertible {
    /// What went wrong.
    public enum Reason: Equatable, Sendable {
        /// It did not come in the virtual time that it was given.
        case overdue(String, within: Duration)
        /// What each node lacks.
        case notConverged(String)
        /// The classes cannot be registered, or a setting is none.
        case badSetup(String)
        /// A node and the reason.
        case notStarted(String, String)
        /// The node is down.
        case notRunning(String)
        /// No connection to a node came about, or it broke before the answer.
        case notConnected(String)
        /// A node answered a request for a WebSocket with something else.
        case refused(status: Int, body: String)
        /// The WebSocket ended where a message was awaited: 1005 without a code, 1006 without a
        /// Close.
        case closed(code: UInt16, reason: String)
        /// A message of the other kind came.
        case unexpected(String)
    }

    public let reason: Reason
    /// Of the cluster.
    public let seed: UInt64
    /// When it was, since the cluster began.
    public let age: Duration

    public var description: String {
        "\(reason.text) (seed \(seed), at \(Self.text(age)): the same test with this seed is the"
            + " same run)"
    }

    /// Seconds, to the microsecond.
    static func text(_ duration: Duration) -> String {
        let micros = duration.nanoseconds / 1_000
        let fraction = String(1_000_000 + micros % 1_000_000).dropFirst()
        return "\(micros / 1_000_000).\(fraction)s"
    }
}

extension TestClusterError.Reason {
    fileprivate var text: String {
        switch self {
        case .overdue(let what, let limit):
            "not within \(TestClusterError.text(limit)): \(what)"
        case .notConverged(let lacking): "the nodes are not one cluster: \(lacking)"
        case .badSetup(let reason): reason
        case .notStarted(let node, let reason): "\(node) did not start: \(reason)"
        case .notRunning(let node): "\(node) does not run"
        case .notConnected(let reason): "no connection: \(reason)"
        case .refused(let status, let body): "no WebSocket, but \(status) \(body)"
        case .closed(let code, let reason): "the WebSocket is closed: \(code) \(reason)"
        case .unexpected(let what): "unexpected: \(what)"
        }
    }
}
