import Foundation

/// Something that an object does for other objects and for workers, checked by the compiler.
///
/// ```swift
/// actor Counter: DurableObject {
///     static let add = ObjectCall("add") { (counter: isolated Counter, amount: Int) in
///         counter.add(amount)
///     }
///     static let calls: [any AnyObjectCall] = [add]
///     …
/// }
/// let sum = try await env.object(Counter.self, named: "visits").call(Counter.add, 1)
/// ```
///
/// The class lists its calls in `DurableObject.calls`. A call is one event of the object, in line
/// with all others. Input, output and declared errors cross to other nodes as JSON, so nodes of two
/// versions of a program understand each other as long as the name and the coded forms stay.
public struct ObjectCall<Object, Input, Output>: Sendable
where Object: DurableObject, Input: Codable & Sendable, Output: Codable & Sendable {
    /// What is done, on the object's own loop.
    public typealias Body = @Sendable (isolated Object, Input) async throws -> Output

    /// What it is called between nodes: 1 to `LinkCall.nameByteCountMax` (128) bytes.
    public let name: String
    let body: Body
    let failure: FailureCoding

    /// A call whose errors reach the caller as a `StubError` with `.threw`.
    public init(_ name: String, _ body: @escaping Body) {
        self.name = name
        self.body = body
        failure = .none
    }

    /// A call whose errors of type `Failure` reach the caller as they are.
    public init<Failure: Error & Codable>(
        _ name: String,
        throws type: Failure.Type,
        _ body: @escaping Body
    ) {
        self.name = name
        self.body = body
        failure = FailureCoding(type)
    }
}

/// A call of some class, for the list of all that a class takes.
public protocol AnyObjectCall: Sendable {
    /// What it is called between nodes.
    var name: String { get }
}

extension ObjectCall: AnyObjectCall {}

/// How the declared errors of a call cross to the caller.
struct FailureCoding: Sendable {
    /// Nil when the error is not a declared one.
    let encode: @Sendable (any Error) -> [UInt8]?
    let decode: @Sendable ([UInt8]) throws -> any Error

    static let none = FailureCoding(
        encode: { _ in nil },
        decode: { _ in StubError(.threw, "an error that the call does not declare") }
    )

    private init(
        encode: @escaping @Sendable (any Error) -> [UInt8]?,
        decode: @escaping @Sendable ([UInt8]) throws -> any Error
    ) {
        self.encode = encode
        self.decode = decode
    }

    init<Failure: Error & Codable>(_ type: Failure.Type) {
        encode = { error in
            guard let failure = error as? Failure else { return nil }
            return (try? JSONEncoder().encode(failure)).map { Array($0) }
        }
        decode = { try JSONDecoder().decode(type, from: Data($0)) }
    }
}
