/// What a supervisor is told, in the words of sd_notify(3).
package enum SupervisorWord: Equatable, Sendable {
    /// The node serves, from the start or again.
    case ready(status: String)
    /// The configuration is read again; the time is that of the monotonic clock, in microseconds.
    case reloading(at: UInt64)
    /// The node goes down in good order, which takes `patience` at most.
    case stopping(status: String, patience: Duration)
    /// Every loop has turned since the last word.
    case alive

    /// One assignment a line.
    package var text: String {
        switch self {
        case .ready(let status): "READY=1\nSTATUS=\(Self.oneLine(status))"
        case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
        case .stopping(let status, let patience):
            "STOPPING=1\nSTATUS=\(Self.oneLine(status))"
                + "\nEXTEND_TIMEOUT_USEC=\(max(patience.microseconds, 0))"
        case .alive: "WATCHDOG=1"
        }
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
