import Wire

/// The trace that something belongs to, as its client has said (W3C Trace Context, `traceparent` and
/// `tracestate`).
///
/// It goes with a request to its object, on whichever node that is, and with whatever the object asks
/// of others meanwhile; for the events of a WebSocket it is that of the request which opened it. Log
/// lines about it have a field `trace`. A node makes no spans of its own, so it passes on what came.
public struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    /// A longer `tracestate` is dropped, as the recommendation allows.
    public static let stateBytesMax = 512

    /// The value of `traceparent`, in the form of version 00.
    public let description: String
    /// The value of `tracestate`; nil without one.
    public let state: String?

    /// Nil for what is no `traceparent`; of a version that is not known yet, what 00 has is taken.
    public init?(_ parent: String, state: String? = nil) {
        let digits = Array(parent.utf8)
        guard digits.count >= Self.byteCount, digits[0..<2] != [0x66, 0x66],
            digits.count == Self.byteCount
                || (digits[0..<2] != [0x30, 0x30] && digits[Self.byteCount] == Self.dash)
        else { return nil }
        for (index, digit) in digits[..<Self.byteCount].enumerated() {
            guard Self.dashes.contains(index) ? digit == Self.dash : Self.isHex(digit) else {
                return nil
            }
        }
        guard digits[Self.traceDigits].contains(where: { $0 != 0x30 }),
            digits[Self.parentDigits].contains(where: { $0 != 0x30 })
        else { return nil }
        description = "00" + String(decoding: digits[2..<Self.byteCount], as: UTF8.self)
        self.state = state.flatMap { (1...Self.stateBytesMax).contains($0.utf8.count) ? $0 : nil }
    }

    /// What all of the trace has in common: 32 lower-case hex digits.
    public var traceID: String {
        String(decoding: description.utf8.dropFirst(3).prefix(32), as: UTF8.self)
    }

    /// Of the task at hand; nil outside of handlers, and where the client has said nothing.
    @TaskLocal public static var current: TraceContext?

    private static let byteCount = 55
    private static let dash = UInt8(ascii: "-")
    private static let dashes: Set = [2, 35, 52]
    private static let traceDigits = 3..<35
    private static let parentDigits = 36..<52

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}

extension TraceContext {
    /// Runs `body` as part of a trace, or of none but the present one.
    ///
    /// Inlined, because each function that is awaited costs a switch to the executor and back.
    @inline(__always)
    static func run<Result>(
        _ trace: TraceContext?,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard let trace else { return try await body() }
        return try await $current.withValue(trace, operation: body, isolation: isolation)
    }

    /// The same, of what awaits nothing.
    static func run<Result>(_ trace: TraceContext?, _ body: () throws -> Result) rethrows -> Result
    {
        guard let trace else { return try body() }
        return try $current.withValue(trace, operation: body)
    }
}

extension Request {
    /// The trace that it belongs to; nil without a `traceparent`, or with one that is none.
    public var trace: TraceContext? {
        guard headers.contains("traceparent") else { return nil }
        let parents = headers.all("traceparent")
        guard parents.count == 1 else { return nil }
        let states = headers.all("tracestate")
        return TraceContext(parents[0], state: states.isEmpty ? nil : states.joined(separator: ","))
    }

    /// The same request as a part of `trace`, unless it says itself what it belongs to.
    func traced(by trace: TraceContext?) -> Request {
        guard let trace, !headers.contains("traceparent") else { return self }
        var request = self
        request.headers.add("traceparent", trace.description)
        if let state = trace.state, !headers.contains("tracestate") {
            request.headers.add("tracestate", state)
        }
        return request
    }
}
