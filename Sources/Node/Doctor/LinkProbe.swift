import Primitives
import Transport
import Wire

/// Dials the peer port of a node, and hangs up when it has shown that it knows one of our secrets.
///
/// Lives on its loop.
final class LinkProbe: StreamConnectionDelegate {
    private let identity: NodeIdentity
    private let address: SocketAddress
    private var completed: ((SeedProbe.LinkResult) -> Void)?
    private var stream: StreamConnection?
    private var handshake: LinkHandshake?

    init(
        _ identity: NodeIdentity,
        _ address: SocketAddress,
        completed: @escaping (SeedProbe.LinkResult) -> Void
    ) {
        self.identity = identity
        self.address = address
        self.completed = completed
    }

    func begin(on loop: EventLoop, within patience: Duration) {
        Connector.connect(to: address, loop: loop, timeout: patience) { [weak self] result in
            switch result {
            case .failure(let error): self?.conclude(.unreachable("\(error)"))
            case .success(let stream): self?.speak(on: stream)
            }
        }
        loop.schedule(after: patience) { [weak self] in
            let time = HumanUnits.duration(seconds: patience.inSeconds)
            self?.conclude(.unreachable("no answer in \(time)"))
        }
    }

    private func speak(on stream: StreamConnection) {
        guard completed != nil else { return stream.abort() }
        self.stream = stream
        var output = ByteWriter()
        handshake = LinkHandshake(
            dialling: 0,
            of: 1,
            as: identity.linkEnd,
            nonce: LinkHandshaking.nonce(stream.loop.entropy),
            output: &output
        )
        stream.delegate = self
        do {
            try stream.start()
            stream.write(output.bytes)
        } catch {
            conclude(.unreachable("\(error)"))
        }
    }

    func cancel() { conclude(.unreachable("not in time")) }

    private func conclude(_ result: SeedProbe.LinkResult) {
        guard let completed else { return }
        self.completed = nil
        stream?.delegate = nil
        stream?.abort()
        stream = nil
        completed(result)
    }

    /// Our proof, which would come next, is never sent: with it there would be a link.
    func received(_ bytes: Span<UInt8>) {
        var output = ByteWriter()
        do {
            _ = try handshake?.receive(bytes, output: &output)
            if output.count > 0 { conclude(.known) }
        } catch {
            conclude(.refused("\(error.reason)"))
        }
    }

    func peerEnded() { conclude(.refused("it hangs up")) }

    func outputDrained() {}

    func ended(_ end: StreamEnd) { conclude(.refused("it hangs up")) }
}
