/// A parser that sees foreign bytes, and what must hold whatever they are.
struct FuzzTarget: Sendable {
    let name: String
    /// What it feeds, in one line.
    let summary: String
    /// Longer inputs find nothing that shorter ones do not.
    var byteCountMax = 4_096
    /// Good inputs to start from, made by the encoders, so that they follow every change of a format.
    let seeds: @Sendable () -> [[UInt8]]
    /// Throws when something does not hold that must; a trap is found by whoever runs this.
    let check: @Sendable ([UInt8]) throws(Finding) -> Void

    static let all: [FuzzTarget] = [
        .httpRequest, .httpResponse, .webSocket, .serverFrames, .deflate, .proxy, .forwarded,
        .token, .gossip, .handshake, .lane, .heads, .records, .ownership, .state, .cluster,
        .configuration, .report,
    ]

    static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Something that does not hold.
struct Finding: Error, CustomStringConvertible {
    let description: String
}

/// Throws a finding with this text unless the condition holds.
func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(Finding) {
    guard condition else { throw Finding(description: text()) }
}
