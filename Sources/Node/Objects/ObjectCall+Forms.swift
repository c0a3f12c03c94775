// Calls that take nothing, and calls that answer nothing but that they are done.

/// The input of a call that takes none.
public struct NoInput: Codable, Sendable {
    /// There is only one.
    public init() {}
}

/// The output of a call that has none.
public struct NoOutput: Codable, Sendable {
    /// There is only one.
    public init() {}
}

extension ObjectCall where Input == NoInput {
    /// A call without input, whose errors reach the caller as a `StubError` with `.threw`.
    public init(
        _ name: String,
        _ body: @escaping @Sendable (isolated Object) async throws -> Output
    ) {
        self.init(name) { object, _ in try await body(object) }
    }

    /// A call without input, whose errors of type `Failure` reach the caller as they are.
    public init<Failure: Error & Codable>(
        _ name: String,
        throws type: Failure.Type,
        _ body: @escaping @Sendable (isolated Object) async throws -> Output
    ) {
        self.init(name, throws: type) { object, _ in try await body(object) }
    }
}

extension ObjectCall where Output == NoOutput {
    /// A call without output, whose errors reach the caller as a `StubError` with `.threw`.
    public init(
        _ name: String,
        _ body: @escaping @Sendable (isolated Object, Input) async throws -> Void
    ) {
        self.init(name) { object, input in
            try await body(object, input)
            return NoOutput()
        }
    }

    /// A call without output, whose errors of type `Failure` reach the caller as they are.
    public init<Failure: Error & Codable>(
        _ name: String,
        throws type: Failure.Type,
        _ body: @escaping @Sendable (isolated Object, Input) async throws -> Void
    ) {
        self.init(name, throws: type) { object, input in
            try await body(object, input)
            return NoOutput()
        }
    }
}

extension ObjectCall where Input == NoInput, Output == NoOutput {
    /// A call with neither, whose errors reach the caller as a `StubError` with `.threw`.
    public init(
        _ name: String,
        _ body: @escaping @Sendable (isolated Object) async throws -> Void
    ) {
        self.init(name) { object, _ in
            try await body(object)
            return NoOutput()
        }
    }

    /// A call with neither, whose errors of type `Failure` reach the caller as they are.
    public init<Failure: Error & Codable>(
        _ name: String,
        throws type: Failure.Type,
        _ body: @escaping @Sendable (isolated Object) async throws -> Void
    ) {
        self.init(name, throws: type) { object, _ in
            try await body(object)
            return NoOutput()
        }
    }
}

extension ObjectStub where Object: DurableObject {
    /// Has the object do `call`, which takes nothing, and returns what it answers.
    public func call<Output>(
        _ call: ObjectCall<Object, NoInput, Output>,
        within time: Duration = timeLimit
    ) async throws -> Output {
        try await self.call(call, NoInput(), within: time)
    }

    /// Has the object do `call`, and returns when it is done.
    public func call<Input>(
        _ call: ObjectCall<Object, Input, NoOutput>,
        _ input: Input,
        within time: Duration = timeLimit
    ) async throws {
        let _: NoOutput = try await answer(to: call, input, within: time)
    }

    /// The same for a call that takes nothing.
    public func call(
        _ call: ObjectCall<Object, NoInput, NoOutput>,
        within time: Duration = timeLimit
    ) async throws {
        let _: NoOutput = try await answer(to: call, NoInput(), within: time)
    }
}
