import Primitives
import Transport
import Wire

/// A connection whose two ends are about to prove who they are.
///
/// Lives on the control loop.
final class LinkHandshaking {
    /// What is left when the handshake is done.
    struct Outcome {
        let peer: LinkHandshake.Peer
        let isDialler: Bool
        /// Open, and the receiver's to own.
        let descriptor: Int32
        /// What came behind the handshake.
        let leftover: [UInt8]
    }

    enum Failure: Error {
        case refused(LinkError)
        case timedOut
        /// Another connection has taken its place.
        case displaced
        case ended
    }

    let remote: SocketAddress?
    private let isDialler: Bool
    private let stream: StreamConnection
    private var handshake: LinkHandshake
    private let answered: () -> Void
    private var completed: ((Result<Outcome, Failure>) -> Void)?
    private var timer: TimerID?

    /// As the acceptor of `stream`, or as the dialler of one of its lanes.
    ///
    /// `answered` is called when what the peer has said is worth an answer, and more is to come.
    init(
        _ stream: StreamConnection,
        as local: LinkHandshake.Local,
        dialling lane: (number: UInt8, count: UInt8)? = nil,
        answered: @escaping () -> Void,
        completed: @escaping (Result<Outcome, Failure>) -> Void
    ) {
        self.stream = stream
        self.answered = answered
        self.completed = completed
        remote = stream.peer
        isDialler = lane != nil
        let nonce = Self.nonce(stream.loop.entropy)
        var output = ByteWriter()
        if let lane {
            handshake = LinkHandshake(
                dialling: lane.number,
                of: lane.count,
                as: local,
                nonce: nonce,
                output: &output
            )
        } else {
            handshake = LinkHandshake(accepting: local, nonce: nonce)
        }
        stream.delegate = self
        stream.write(output.bytes)
    }

    /// Begins to read; `completed` is called once from then on.
    func start() {
        do {
            try stream.start()
        } catch {
            conclude(.failure(.ended))
            return
        }
        timer = stream.loop.schedule(after: LinkLimits.handshakeTimeout) { [weak self] in
            self?.conclude(.failure(.timedOut))
        }
    }

    /// Ends without a word.
    func cancel(_ reason: Failure = .ended) { conclude(.failure(reason)) }

    private func conclude(_ result: Result<Outcome, Failure>) {
        guard let completed else { return }
        self.completed = nil
        if let timer { stream.loop.cancel(timer) }
        stream.delegate = nil
        if case .failure = result { stream.abort() }
        completed(result)
    }

    /// What is said once and never again.
    static func nonce(_ entropy: Entropy) -> [UInt8] {
        var entropy = entropy
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &entropy) }
    }
}

extension LinkHandshaking: StreamConnectionDelegate {
    func received(_ bytes: Span<UInt8>) {
        var output = ByteWriter()
        do {
            let peer = try handshake.receive(bytes, output: &output)
            stream.write(output.bytes)
            guard let peer else {
                if output.count > 0 { answered() }
                return
            }
            guard let descriptor = stream.release() else {
                conclude(.failure(.ended))
                return
            }
            let outcome = Outcome(
                peer: peer,
                isDialler: isDialler,
                descriptor: descriptor.release(),
                leftover: handshake.takeLeftover()
            )
            conclude(.success(outcome))
        } catch {
            conclude(.failure(.refused(error)))
        }
    }

    func peerEnded() { conclude(.failure(.ended)) }

    func outputDrained() {}

    func ended(_ end: StreamEnd) { conclude(.failure(.ended)) }
}

extension LinkError {
    /// What the log says of a connection with `address` that `local` has refused.
    func words(
        of address: SocketAddress?,
        by local: LinkHandshake.Local
    ) -> KeyValuePairs<String, String> {
        let address = address.map { "\($0)" } ?? "?"
        guard case .versionRefused(let min, let max) = self else {
            return ["address": address, "error": "\(self)"]
        }
        let own = local.versions
        return [
            "address": address, "error": "no version of the link that both speak",
            "its": "\(min) to \(max)", "own": "\(own.lowerBound) to \(own.upperBound)",
        ]
    }
}
