import Bench
import Primitives
import Wire

extension FuzzTarget {
    /// Frames of a server, as the load of `rook bench` reads them in place.
    static let serverFrames = FuzzTarget(
        name: "server-frames",
        summary:
            "frames of a server for rook bench, beside what the client of WebSocketMachine reads",
        seeds: { Self.streams },
        check: { bytes throws(Finding) in
            let whole = ServerFramesParse([bytes[...]])
            for way in Cuts.ways(of: bytes) {
                let cut = ServerFramesParse(way)
                try require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
            }
            try whole.check(bytes)
        }
    )

    private static let streams: [[UInt8]] = [
        [0x81, 5] + "Hello".utf8 + [0x89, 1, 1] + [0x88, 2, 0x03, 0xE8],
        [0x01, 1, 65] + [0x8A, 0] + [0x00, 0] + [0x80, 1, 66] + [0x82, 0],
        [0x82, 126, 0, 200] + [UInt8](repeating: 7, count: 200),
        [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0, 1], [0x82, 0x80], [0x80, 0], [0x01, 0, 0x02, 0],
        [0xC1, 0], [0x82, 126, 0, 5], [0x09, 0], [0x82, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0],
    ]
}

/// All that is found in some bytes.
private struct ServerFramesParse: Equatable {
    enum Found: Equatable {
        case message(WebSocketMessage)
        case control(Opcode, [UInt8])
    }

    private static let messageBytesMax = 1_024

    var found: [Found] = []
    var error: FrameError?

    init(_ parts: [ArraySlice<UInt8>]) {
        var frames = ServerFrames(messageBytesMax: Self.messageBytesMax)
        var payload: [UInt8] = []
        do {
            for part in parts {
                let bytes = [UInt8](part)
                var offset = 0
                while let piece = try frames.next(in: bytes.span, from: &offset) {
                    switch piece {
                    case .control(let opcode, let bytes): found.append(.control(opcode, bytes))
                    case .payload(let range, let endsMessage):
                        payload += bytes[range]
                        guard endsMessage else { continue }
                        found.append(
                            .message(WebSocketMessage(kind: frames.kind, payload: payload))
                        )
                        payload = []
                    }
                }
            }
        } catch {
            self.error = error
        }
    }

    /// The machine finds the same, as far as it reads: it also looks at text and at the Close.
    func check(_ bytes: [UInt8]) throws(Finding) {
        var limits = WebSocketLimits()
        limits.messageBytesMax = Self.messageBytesMax
        var machine = WebSocketMachine(role: .client(maskingSeed: 1), limits: limits)
        var output = ByteWriter()
        var events: [WebSocketMachine.Event] = []
        machine.receive(bytes.span, output: &output, events: &events)
        var same: [Found] = []
        var end: WebSocketMachine.Event?
        for event in events {
            switch event {
            case .message(let message): same.append(.message(message))
            case .ping(let payload): same.append(.control(.ping, payload))
            case .pong(let payload): same.append(.control(.pong, payload))
            case .closeReceived, .failed: end = event
            }
        }
        try require(found.starts(with: same), "\(self), and the machine: \(events)")
        try require(end != nil || found.count == same.count, "more than the machine: \(self)")
        if end == nil { try require(error == nil, "\(self), and the machine has no error") }
    }
}
