import Primitives
import Wire

extension FuzzTarget {
    /// Frames after the upgrade; the first byte of an input chooses the end and its limits.
    static let webSocket = FuzzTarget(
        name: "websocket",
        summary: "WebSocket frames for a server and a client, with and without compression",
        seeds: { Self.streams.flatMap { stream in Self.modes.map { [$0] + stream } } },
        check: { bytes throws(Finding) in
            guard let mode = bytes.first else { return }
            let frames = bytes.dropFirst()
            let setting = WebSocketSetting(mode: mode)
            let whole = WebSocketParse([frames], setting)
            for way in Cuts.ways(of: Array(frames)) {
                let cut = WebSocketParse(way, setting)
                try require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
            }
            try whole.check(setting, inputBytes: frames.count)
        }
    )

    private static let modes: [UInt8] = [0, 1, 2, 4, 6, 8, 16]

    /// Frames of a client with the mask 0, 0, 0, 0, which leaves them readable for a fuzzer.
    private static let streams: [[UInt8]] = [
        frame(0x81, "Hello".utf8) + frame(0x89, "x".utf8) + frame(0x88, [0x03, 0xE8] + "bye".utf8),
        frame(0x01, "κόσ".utf8) + frame(0x8A, []) + frame(0x80, "με".utf8) + frame(0x82, [0xFF]),
        frame(0x02, [1, 2]) + frame(0x00, []) + frame(0x80, [3]) + frame(0x88, []),
        frame(0xC1, "dlrow".utf8) + frame(0x41, [1]) + frame(0x80, [2]),
        frame(0x82, [UInt8](repeating: 7, count: 200)),
        [0x82, 0xFE, 0x00, 0x7E, 0, 0, 0, 0, 1], [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        [0x81, 0x02, 0x68, 0x69, 0x88, 0x00],
    ]

    private static func frame(_ first: UInt8, _ payload: some Collection<UInt8>) -> [UInt8] {
        let length: [UInt8] =
            payload.count < 126
            ? [0x80 | UInt8(payload.count)]
            : [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        return [first] + length + [0, 0, 0, 0] + payload
    }
}

/// What the first byte of an input says.
private struct WebSocketSetting {
    let role: WebSocketRole
    let limits: WebSocketLimits
    let isCompressed: Bool
    let closeAnswer: WebSocketMachine.CloseAnswer
    /// This end has said its last word before the first byte comes.
    let hasClosed: Bool

    init(mode: UInt8) {
        role = mode & 1 == 0 ? .server : .client(maskingSeed: 1)
        limits =
            mode & 2 == 0
            ? WebSocketLimits() : WebSocketLimits(messageBytesMax: 64, fragmentCountMax: 4)
        isCompressed = mode & 4 != 0
        closeAnswer = mode & 8 == 0 ? .immediate : .onRequest
        hasClosed = mode & 16 != 0
    }
}

/// Turns messages round: a compression whose every output a fuzzer can write.
private final class Reverser: MessageInflater {
    func inflate(_ payload: [UInt8], limit: Int) throws(FrameError) -> [UInt8] {
        guard payload.count <= limit else { throw .inflatedTooMuch(limit: limit) }
        guard payload.first != 0 else { throw .invalidCompression }
        return payload.reversed()
    }
}

/// All that a machine makes of some bytes.
private struct WebSocketParse: Equatable {
    var events: [WebSocketMachine.Event] = []
    var output: [UInt8] = []
    var phase = WebSocketMachine.Phase.open

    init(_ parts: [ArraySlice<UInt8>], _ setting: WebSocketSetting) {
        var machine = WebSocketMachine(
            role: setting.role,
            limits: setting.limits,
            closeAnswer: setting.closeAnswer
        )
        let inflater = setting.isCompressed ? Reverser() : nil
        var written = ByteWriter()
        if setting.hasClosed { machine.close(code: .normal, output: &written) }
        for part in parts {
            let bytes = [UInt8](part)
            machine.receive(bytes.span, inflater: inflater, output: &written, events: &events)
        }
        machine.answerClose(output: &written)
        output = written.take()
        phase = machine.phase
    }

    func check(_ setting: WebSocketSetting, inputBytes: Int) throws(Finding) {
        var ends = 0
        for event in events {
            try require(ends == 0, "an event behind the end: \(events)")
            switch event {
            case .message(let message):
                let count = message.payload.count
                try require(count <= setting.limits.messageBytesMax, "a message of \(count)")
                let isText = String(validating: message.payload, as: UTF8.self) != nil
                try require(message.kind == .binary || isText, "invalid text: \(message)")
            case .ping(let payload), .pong(let payload):
                try require(payload.count <= 125, "a control frame of \(payload.count)")
            case .closeReceived(_, let reason):
                try require(reason.utf8.count <= 123, "a reason of \(reason.utf8.count)")
                ends += 1
            case .failed: ends += 1
            }
        }
        // A pong is at most three times as long as its ping; one Close comes besides, or two.
        try require(output.count <= 3 * inputBytes + 2 * 131, "\(output.count) of \(inputBytes)")
    }
}
