import Transport
import Wire

/// Why an object could not be asked, or did not answer.
///
/// The three flags are those of Durable Objects. A stub has tried again by itself wherever nothing
/// had been done yet; what reaches the caller is for the caller to decide.
public struct StubError: Error, Equatable, Codable, Sendable {
    /// What went wrong; the numbers are those of the link's protocol.
    public enum Code: UInt8, Codable, Sendable {
        /// No node runs a program with this class.
        case unknownClass = 1
        /// A class or a name is empty or too long.
        case badName = 2
        /// No node could run the object in the time that was given: nothing has been done.
        case unavailable = 3
        /// The object or its node has more to do than it may keep.
        case overloaded = 4
        /// The object moved, or its node was lost, while it answered: how far it had come is not
        /// known.
        case interrupted = 5
        /// `init` or `start` of the object threw, or took too long.
        case notMade = 6
        /// The object's code threw an error.
        case threw = 7
        /// No answer came in the time that was given: how far the object has come is not known.
        case timedOut = 8
        /// The caller has been cancelled.
        case cancelled = 9
        /// The object waits for the caller already, directly or through others.
        case cycle = 10
        /// The class of the object does not list this call.
        case unknownCall = 11
        /// An argument or a result could not be encoded or decoded.
        case notCodable = 12
        /// The request or the answer is larger than the way to the object allows.
        case tooLarge = 13
        /// The client for whom a worker asks has no token for this object.
        case notAllowed = 14
    }

    /// What went wrong.
    public let code: Code
    /// For people; nothing to be parsed.
    public let message: String
    /// What a client is told of it.
    var status: Int

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        status = code.status
    }

    /// True when nothing has been done, and the same may be asked again after a while.
    public var retryable: Bool {
        switch code {
        case .unavailable, .notMade: true
        case .unknownClass, .badName, .overloaded, .interrupted, .threw, .timedOut, .cancelled,
            .cycle, .unknownCall, .notCodable, .tooLarge, .notAllowed:
            false
        }
    }

    /// True when asking again at once would make it worse.
    public var overloaded: Bool { code == .overloaded }

    /// True when it was the object's own code that failed.
    public var remote: Bool { code == .threw }
}

extension StubError: CustomStringConvertible {
    public var description: String { "\(code): \(message)" }
}

extension StubError.Code {
    fileprivate var status: Int {
        switch self {
        case .unknownClass: 404
        case .badName: 400
        case .unavailable, .overloaded, .cancelled: 503
        case .interrupted: 502
        case .timedOut: 504
        case .tooLarge: 431
        case .notAllowed: 403
        case .notMade, .threw, .cycle, .unknownCall, .notCodable: 500
        }
    }
}

extension StubError {
    /// The client of a worker is not let in.
    init(_ refusal: GateRefusal) {
        self.init(.notAllowed, refusal.detail)
        status = refusal.status
    }

    /// What a client gets from a worker that leaves the error to the node.
    func response(_ loop: EventLoop) -> Response {
        guard code != .notAllowed else { return .refusal(status: status, detail: message) }
        var response = Response.text(message, status: status)
        if retryable { response.headers.set("Retry-After", RestartHint.seconds(loop)) }
        return response
    }
}
