import Dispatch
import Foundation

/// Calls a closure for each of some signals, off the threads that serve.
final class Signals {
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32], received: @escaping @Sendable (Int32) -> Void) {
        sources = numbers.map { number in
            // The default action would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { received(number) }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
