import Foundation

/// How a call has ended, as it crosses to the caller.
enum CallResult: Sendable {
    case output([UInt8])
    /// An error that the call declares.
    case failure([UInt8])
    case error(StubError)
}

/// What a node needs of each call.
protocol RunnableCall: AnyObjectCall {
    /// Decodes the input and does what the call says.
    func run(_ input: [UInt8], on object: any DurableObject) async -> CallResult
}

extension ObjectCall: RunnableCall {
    func run(_ input: [UInt8], on object: any DurableObject) async -> CallResult {
        guard let object = object as? Object else {
            return .error(StubError(.unknownCall, "\(name) is a call of \(Object.className)"))
        }
        let value: Input
        do {
            value = try JSONDecoder().decode(Input.self, from: Data(input))
        } catch {
            return .error(StubError(.notCodable, "the input of \(name): \(error)"))
        }
        do {
            let output = try await body(object, value)
            return encoded(output)
        } catch is CancellationError {
            return .error(StubError(.cancelled, "\(name) was cancelled"))
        } catch {
            return failure.encode(error).map { .failure($0) }
                ?? .error(StubError(.threw, "\(error)"))
        }
    }

    private func encoded(_ output: Output) -> CallResult {
        do {
            return .output(Array(try JSONEncoder().encode(output)))
        } catch {
            return .error(StubError(.notCodable, "the output of \(name): \(error)"))
        }
    }
}
