/// Who it is that answers, and for a typed call how it has ended.
enum Verdict: Equatable, Sendable {
    /// The object, in good order.
    case answer
    /// The node, or an object whose code threw: the body says why.
    case refused(StubError.Code)
    /// The object, with an error that the call declares: it is the body.
    case callFailure

    private static let callFailureByte: UInt8 = 255

    /// As it crosses the link; zero is `answer`.
    var byte: UInt8 {
        switch self {
        case .answer: 0
        case .refused(let code): code.rawValue
        case .callFailure: Self.callFailureByte
        }
    }

    /// A code that this version does not know means that nobody can tell.
    init(byte: UInt8) {
        switch byte {
        case 0: self = .answer
        case Self.callFailureByte: self = .callFailure
        case let other: self = .refused(StubError.Code(rawValue: other) ?? .interrupted)
        }
    }
}

/// By which a request is cancelled that an object has been given; lives on the object's loop.
final class CallTicket {
    private(set) var isCancelled = false
    private var cancelled: (() -> Void)?

    func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        cancelled?()
        cancelled = nil
    }

    /// Calls `body` once, if and when the request is cancelled.
    func onCancel(_ body: @escaping () -> Void) {
        if isCancelled { body() } else { cancelled = body }
    }
}
