import Foundation
import Primitives
import Wire

/// The way to one object, wherever it lives.
///
/// Making one asks nothing. It stays good when the object moves, hibernates or fails, and may be
/// used from any task.
public struct ObjectStub<Object>: Sendable {
    /// How long an answer is waited for, unless said otherwise.
    public static var timeLimit: Duration { .seconds(30) }

    /// The class of the object.
    public let className: String
    /// Its name in that class.
    public let name: String
    let env: Environment

    /// Sends a request to the object, and returns what it answers.
    ///
    /// It is sent again only as long as nothing has been done about it: while no node has the
    /// object, or when it comes to one that has it no more. Every other failure is a `StubError`.
    ///
    /// A worker that is asked for a WebSocket (`request.isUpgrade`) gets at once a response that
    /// stands for the object's: to be returned as it is.
    public func fetch(
        _ request: Request,
        within time: Duration = timeLimit
    ) async throws(StubError) -> Response {
        let key = try key
        if request.isUpgrade, env.caller == nil {
            try env.check(key)
            return .upgrade(to: key, with: request)
        }
        let response = try await env.ask(request, of: key, within: time)
        switch response.verdict {
        case .answer: return response
        case .refused(let code): throw StubError(code, response)
        case .callFailure: throw StubError(.threw, "an answer that only a typed call can have")
        }
    }

    private var key: ObjectKey {
        get throws(StubError) {
            guard let key = ObjectKey(className: className, name: name) else {
                throw StubError(.badName, "no object can be called \(className)/\(name)")
            }
            return key
        }
    }
}

extension ObjectStub where Object: DurableObject {
    /// Has the object do `call`, and returns what it answers.
    ///
    /// Throws the errors that the call declares, and a `StubError` for all else. Cancelling the task
    /// that waits cancels the one that runs the call.
    public func call<Input, Output>(
        _ call: ObjectCall<Object, Input, Output>,
        _ input: Input,
        within time: Duration = timeLimit
    ) async throws -> Output {
        try await answer(to: call, input, within: time)
    }

    func answer<Input, Output>(
        to call: ObjectCall<Object, Input, Output>,
        _ input: Input,
        within time: Duration
    ) async throws -> Output {
        var request = Request(method: .post, target: "/", headers: HTTPHeaders())
        do {
            request.body = Array(try JSONEncoder().encode(input))
        } catch {
            throw StubError(.notCodable, "the input of \(call.name): \(error)")
        }
        request.origin.call = LinkCall(name: call.name, chain: [])
        let response = try await env.ask(request, of: try key, within: time)
        do {
            switch response.verdict {
            case .answer: return try JSONDecoder().decode(Output.self, from: Data(response.body))
            case .callFailure: throw try call.failure.decode(response.body)
            case .refused(let code): throw StubError(code, response)
            }
        } catch let error as DecodingError {
            throw StubError(.notCodable, "the output of \(call.name): \(error)")
        }
    }
}

extension StubError {
    /// What a node's refusal says.
    init(_ code: Code, _ response: Response) {
        self.init(code, String(decoding: response.body, as: UTF8.self))
        status = response.status
    }
}
