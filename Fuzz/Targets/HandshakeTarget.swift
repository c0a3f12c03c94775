import Primitives
import Wire

extension FuzzTarget {
    /// The start of a link; the first byte of an input chooses the side that reads it.
    static let handshake = FuzzTarget(
        name: "handshake",
        summary: "the frames before a link is authenticated, for the acceptor and the dialler",
        byteCountMax: 1_500,
        seeds: {
            var toAcceptor = ByteWriter()
            var toDialler = ByteWriter()
            var dialler = side("a", isDialler: true, output: &toAcceptor)
            var acceptor = side("b", isDialler: false, output: &toDialler)
            let hello = toAcceptor.take()
            _ = try? acceptor.receive(hello.span, output: &toDialler)
            let challenge = toDialler.take()
            _ = try? dialler.receive(challenge.span, output: &toAcceptor)
            let auth = toAcceptor.take()
            _ = try? acceptor.receive(auth.span, output: &toDialler)
            return [[0] + hello + auth + [1, 2, 3], [1] + challenge + toDialler.take()]
        },
        check: { bytes throws(Finding) in
            guard let mode = bytes.first else { return }
            let frames = bytes.dropFirst()
            let whole = HandshakeParse([frames], isDialler: mode & 1 == 1)
            for way in Cuts.ways(of: Array(frames)) {
                let cut = HandshakeParse(way, isDialler: mode & 1 == 1)
                try require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
            }
            if let peer = whole.peer {
                try require(peer.laneCount <= 8 && peer.lane <= peer.laneCount, "\(peer)")
            }
            try require(whole.output.count <= 512, "an answer of \(whole.output.count) bytes")
        }
    )

    /// A side of the one handshake of which all random bytes are known.
    fileprivate static func side(
        _ name: String,
        isDialler: Bool,
        output: inout ByteWriter
    ) -> LinkHandshake {
        let secrets = [[UInt8](repeating: 7, count: 32), [UInt8](repeating: 8, count: 32)]
        guard let keyring = LinkKeyring(secrets: secrets, clusterID: [1]) else {
            preconditionFailure("good secrets are refused")
        }
        let local = LinkHandshake.Local(
            node: .fuzz(name),
            incarnation: Incarnation(3),
            address: .loopback(port: 7_001),
            epoch: Epoch(9),
            keyring: keyring
        )
        let nonce = [UInt8](repeating: isDialler ? 1 : 2, count: 32)
        guard isDialler else { return LinkHandshake(accepting: local, nonce: nonce) }
        return LinkHandshake(dialling: 1, of: 2, as: local, nonce: nonce, output: &output)
    }
}

/// What one side makes of some bytes.
private struct HandshakeParse: Equatable {
    var peer: LinkHandshake.Peer?
    var error: LinkError?
    var output: [UInt8] = []
    var rest: [UInt8] = []

    init(_ parts: [ArraySlice<UInt8>], isDialler: Bool) {
        var written = ByteWriter()
        let name = isDialler ? "a" : "b"
        var side = FuzzTarget.side(name, isDialler: isDialler, output: &written)
        for (index, part) in parts.enumerated() {
            do throws(LinkError) {
                peer = try side.receive([UInt8](part).span, output: &written)
            } catch {
                self.error = error
                break
            }
            guard peer != nil else { continue }
            rest = side.takeLeftover() + parts[(index + 1)...].joined()
            break
        }
        output = written.take()
    }
}
