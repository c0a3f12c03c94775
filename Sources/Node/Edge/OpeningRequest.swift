import Primitives
import Wire

/// The request that opened a session, in memory once for all who hold the session.
///
/// There is one for each client and it is hardly ever asked for, so it is kept as few bytes, and made
/// anew for whoever asks.
struct OpeningRequest: Sendable {
    private let bytes: [UInt8]

    private struct Parts: OptionSet {
        let rawValue: UInt8

        static let trace = Parts(rawValue: 1)
        static let client = Parts(rawValue: 2)
    }

    init(_ request: Request) {
        let trace = request.trace
        var parts: Parts = []
        if trace != nil { parts.insert(.trace) }
        if request.client != nil { parts.insert(.client) }
        var writer = ByteWriter(reservingCapacity: 512)
        writer.write(parts.rawValue)
        if let trace {
            writer.writePacked(trace.description.utf8Span.span)
            writer.writePacked((trace.state ?? "").utf8Span.span)
        }
        request.client?.encode(to: &writer)
        writer.writePacked(request.method.token.utf8Span.span)
        writer.writePacked(request.target.utf8Span.span)
        request.headers.pack(into: &writer)
        writer.writePacked(request.body.span)
        // A copy, which is no longer than it has to be.
        bytes = [UInt8](copying: writer.bytes.span)
    }

    var request: Request {
        // The bytes are this type's own, so they always say one.
        (try? unpacked()) ?? Request(method: .get, target: "/", headers: [:])
    }

    private var parts: Parts { Parts(rawValue: bytes[0]) }

    /// Asked for with each event of the session.
    var isTraced: Bool { parts.contains(.trace) }

    /// Nil for most sessions.
    var trace: TraceContext? {
        guard isTraced else { return nil }
        var reader = ByteReader(bytes[1...])
        return try? Self.trace(&reader)
    }

    /// Where the client is.
    var client: SocketAddress? {
        guard parts.contains(.client) else { return nil }
        return (try? unpacked())?.client
    }

    private static func trace(_ reader: inout ByteReader) throws(ByteError) -> TraceContext? {
        let parent = try reader.packedText()
        let state = try reader.packedText()
        return TraceContext(parent, state: state.isEmpty ? nil : state)
    }

    private func unpacked() throws(ByteError) -> Request {
        var reader = ByteReader(bytes[1...])
        if parts.contains(.trace) { _ = try Self.trace(&reader) }
        let client = parts.contains(.client) ? try SocketAddress(from: &reader) : nil
        guard let method = HTTPMethod(try reader.packedText()) else { throw .invalidValue }
        let target = try reader.packedText()
        let headers = try HTTPHeaders(packed: &reader)
        let body = [UInt8](try reader.packed())
        return Request(
            method: method,
            target: target,
            headers: headers,
            body: body,
            client: client
        )
    }
}

extension ByteReader {
    fileprivate mutating func packedText() throws(ByteError) -> String {
        String(decoding: try packed(), as: UTF8.self)
    }
}
