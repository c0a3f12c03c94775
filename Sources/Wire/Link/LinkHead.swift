package import Primitives

/// One header of a request or a response.
package struct LinkHeaderField: Equatable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What opens a session or a call: which object, and what the client asked for.
///
/// | bytes   | field                                                              |
/// |---------|--------------------------------------------------------------------|
/// | 1       | bits: 1 WebSocket, 2 resumed, 4 has a body, 8 has a peer address,  |
/// |         | 16 has tags, 32 has an attachment, 64 comes from an object, 128     |
/// |         | has settings                                                       |
/// | 1       | hops, at most 2                                                    |
/// | 8       | epoch                                                              |
/// | 16      | session                                                            |
/// | 8       | sequence                                                           |
/// | 4       | redelivered                                                        |
/// | 1 + n   | class                                                              |
/// | 2 + n   | name                                                               |
/// | 1 + n   | method                                                             |
/// | 2 + n   | target                                                             |
/// | 7 or 19 | address of the client, if there                                    |
/// | 2       | number of headers, each: name 2 + n, value 2 + n                   |
/// | 1 + n   | number of tags, each 2 + n, if there                               |
/// | 2 + n   | attachment, if there                                               |
/// | 1 + n   | `SendPolicy` and `AutoResponses`, if there                         |
/// | 2 + n   | a `LinkCall`, if there                                             |
package struct LinkRequestHead: Equatable, Sendable {
    /// What the stream is for.
    package enum Kind: Equatable, Sendable {
        case webSocket
        case http
    }

    package let key: ObjectKey
    package let kind: Kind
    /// At most 255 bytes.
    package let method: String
    /// The request target as the client wrote it.
    package let target: String
    package let headers: [LinkHeaderField]
    /// The address of the client, as its edge sees it.
    package let peerAddress: SocketAddress?
    /// The same for all of the life of a session.
    package let sessionID: UInt128
    /// How many messages of the session earlier streams have settled: the first message of this
    /// stream has this number, counted from 0.
    package let sequence: UInt64
    /// So many of the first messages of this stream may have been handled before.
    package let redelivered: UInt32
    /// The epoch in which the opener found the owner, of which a frame has the low half.
    package let epoch: UInt64
    /// How many nodes have handed it on, at most `LinkHead.hopsMax`.
    package let hops: UInt8
    /// True when the session was open before, with another run of the object.
    package let resumed: Bool
    /// True when the body follows as the first message.
    package let hasBody: Bool
    /// What an earlier run of the object has noted on the socket.
    package let notes: SocketNotes
    /// Which typed call it is, and who waits for it.
    package let call: LinkCall

    package init(
        key: ObjectKey,
        kind: Kind,
        method: String,
        target: String,
        headers: [LinkHeaderField],
        peerAddress: SocketAddress?,
        sessionID: UInt128,
        epoch: UInt64,
        sequence: UInt64 = 0,
        redelivered: UInt32 = 0,
        hops: UInt8 = 0,
        resumed: Bool = false,
        hasBody: Bool = false,
        notes: SocketNotes = SocketNotes(),
        call: LinkCall = .none
    ) {
        self.key = key
        self.kind = kind
        self.method = method
        self.target = target
        self.headers = headers
        self.peerAddress = peerAddress
        self.sessionID = sessionID
        self.epoch = epoch
        self.sequence = sequence
        self.redelivered = redelivered
        self.hops = hops
        self.resumed = resumed
        self.hasBody = hasBody
        self.notes = notes
        self.call = call
    }

    /// All but the texts and the headers, with an address of IPv6.
    private static let fixedBytesMax = 65

    /// The head as bytes; refused when above `LinkHead`'s limits.
    ///
    /// That of a session must have room for all that may be noted later: one that could be opened
    /// can be resumed.
    package func encoded() throws(LinkRefusal) -> [UInt8] {
        let texts = key.className.utf8.count + key.name.utf8.count + method.utf8.count
        let notesMax = kind == .webSocket ? SocketNotes.encodedBytesMax : 0
        let others = target.utf8.count + notesMax + call.encodedByteCount
        let fixed = Self.fixedBytesMax + texts + others
        try LinkHead.check(fixed: fixed, headers)
        guard method.utf8.count <= LinkHead.methodBytesMax else {
            throw .headTooLong(count: method.utf8.count, limit: LinkHead.methodBytesMax)
        }
        var writer = ByteWriter(reservingCapacity: 512)
        var bits: LinkHead.Bits = kind == .webSocket ? .webSocket : []
        if resumed { bits.insert(.resumed) }
        if hasBody { bits.insert(.body) }
        if peerAddress != nil { bits.insert(.peerAddress) }
        if notes.tags != .none { bits.insert(.tags) }
        if notes.attachment != nil { bits.insert(.attachment) }
        if notes.hasSettings { bits.insert(.settings) }
        if call != .none { bits.insert(.call) }
        writer.write(bits.rawValue)
        writer.write(hops)
        writer.write(epoch)
        writer.write(UInt64(truncatingIfNeeded: sessionID >> 64))
        writer.write(UInt64(truncatingIfNeeded: sessionID))
        writer.write(sequence)
        writer.write(redelivered)
        writer.writeText8(key.className)
        writer.writeText16(key.name)
        writer.writeText8(method)
        writer.writeText16(target)
        peerAddress?.encode(to: &writer)
        LinkHead.encode(headers, to: &writer)
        notes.encode(to: &writer)
        if call != .none { call.encode(to: &writer) }
        return writer.take()
    }

    package init(_ bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        let bits = try LinkHead.bits(&reader, allowed: .request)
        kind = bits.contains(.webSocket) ? .webSocket : .http
        resumed = bits.contains(.resumed)
        hasBody = bits.contains(.body)
        hops = try reader.uint8()
        guard hops <= LinkHead.hopsMax else { throw .invalidValue }
        epoch = try reader.uint64()
        let high = UInt128(try reader.uint64())
        sessionID = high << 64 | UInt128(try reader.uint64())
        sequence = try reader.uint64()
        redelivered = try reader.uint32()
        let className = try reader.text8()
        guard let key = ObjectKey(className: className, name: try reader.text16()) else {
            throw .invalidValue
        }
        self.key = key
        method = try reader.text8()
        target = try reader.text16()
        peerAddress = bits.contains(.peerAddress) ? try SocketAddress(from: &reader) : nil
        headers = try LinkHead.headers(&reader)
        notes = try SocketNotes(
            from: &reader,
            hasTags: bits.contains(.tags),
            hasAttachment: bits.contains(.attachment),
            hasSettings: bits.contains(.settings)
        )
        call = bits.contains(.call) ? try LinkCall(from: &reader) : .none
        try reader.finish()
    }
}

/// What answers a session or a call.
///
/// One byte of bits (4: has a body, 16: has tags, 128: has a verdict), the status in two bytes, the
/// headers and the tags as in a request, and the verdict in one byte.
package struct LinkResponseHead: Equatable, Sendable {
    package let status: UInt16
    package let headers: [LinkHeaderField]
    /// True when the body follows as the first message.
    package let hasBody: Bool
    /// With which tags the object accepts the socket.
    package let tags: SocketTags
    /// Why it is not the object that answers, as `StubError.Code` numbers it; zero when it is.
    package let verdict: UInt8

    package init(
        status: UInt16,
        headers: [LinkHeaderField],
        hasBody: Bool = false,
        tags: SocketTags = .none,
        verdict: UInt8 = 0
    ) {
        self.status = status
        self.headers = headers
        self.hasBody = hasBody
        self.tags = tags
        self.verdict = verdict
    }

    /// The head as bytes; refused when above `LinkHead`'s limits.
    package func encoded() throws(LinkRefusal) -> [UInt8] {
        let tagsMax = tags == .none ? 0 : SocketTags.encodedBytesMax
        try LinkHead.check(fixed: (verdict == 0 ? 5 : 6) + tagsMax, headers)
        var writer = ByteWriter(reservingCapacity: 256)
        var bits: LinkHead.Bits = hasBody ? .body : []
        if tags != .none { bits.insert(.tags) }
        if verdict != 0 { bits.insert(.verdict) }
        writer.write(bits.rawValue)
        writer.write(status)
        LinkHead.encode(headers, to: &writer)
        if tags != .none { tags.encode(to: &writer) }
        if verdict != 0 { writer.write(verdict) }
        return writer.take()
    }

    package init(_ bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        let bits = try LinkHead.bits(&reader, allowed: .response)
        hasBody = bits.contains(.body)
        status = try reader.uint16()
        headers = try LinkHead.headers(&reader)
        tags = bits.contains(.tags) ? try SocketTags(from: &reader) : .none
        verdict = bits.contains(.verdict) ? try reader.uint8() : 0
        try reader.finish()
    }
}

/// What heads have in common.
package enum LinkHead {
    package static let headersMax = 200
    /// Nodes that hand on a request before it is refused.
    package static let hopsMax: UInt8 = 2
    static let methodBytesMax = 255

    struct Bits: OptionSet {
        let rawValue: UInt8

        static let webSocket = Bits(rawValue: 1)
        static let resumed = Bits(rawValue: 2)
        static let body = Bits(rawValue: 4)
        static let peerAddress = Bits(rawValue: 8)
        static let tags = Bits(rawValue: 16)
        static let attachment = Bits(rawValue: 32)
        static let call = Bits(rawValue: 64)
        /// In a request.
        static let settings = Bits(rawValue: 128)
        /// In a response.
        static let verdict = Bits(rawValue: 128)
        static let request: Bits = [
            .webSocket, .resumed, .body, .peerAddress, .tags, .attachment, .call, .settings,
        ]
        static let response: Bits = [.body, .tags, .verdict]
    }

    /// Refuses what would not fit, before anything is written.
    static func check(fixed: Int, _ headers: [LinkHeaderField]) throws(LinkRefusal) {
        guard headers.count <= headersMax else {
            throw .tooManyHeaders(count: headers.count, limit: headersMax)
        }
        let count = headers.reduce(fixed) { $0 + 4 + $1.name.utf8.count + $1.value.utf8.count }
        guard count <= LinkLimits.headBytesMax else {
            throw .headTooLong(count: count, limit: LinkLimits.headBytesMax)
        }
    }

    static func bits(
        _ reader: inout ByteReader,
        allowed: Bits
    ) throws(ByteError) -> Bits {
        let bits = Bits(rawValue: try reader.uint8())
        guard bits.isSubset(of: allowed) else { throw .invalidValue }
        return bits
    }

    static func encode(_ headers: [LinkHeaderField], to writer: inout ByteWriter) {
        writer.write(UInt16(headers.count))
        for header in headers {
            writer.writeText16(header.name)
            writer.writeText16(header.value)
        }
    }

    static func headers(_ reader: inout ByteReader) throws(ByteError) -> [LinkHeaderField] {
        let count = Int(try reader.uint16())
        guard count <= headersMax else { throw .tooLong(length: count, limit: headersMax) }
        var headers: [LinkHeaderField] = []
        for _ in 0..<count {
            let name = try reader.text16()
            headers.append(LinkHeaderField(name: name, value: try reader.text16()))
        }
        return headers
    }
}

/// A question over lane 0, or the answer to it: QUERY and ANSWER.
package struct LinkQuery: Equatable, Sendable {
    /// Chosen by whoever asks; the answer repeats it.
    package let request: UInt64
    package let body: [UInt8]

    package init(request: UInt64, body: [UInt8]) {
        self.request = request
        self.body = body
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 8 + body.count)
        writer.write(request)
        writer.write(body.span)
        return writer.take()
    }

    package init(_ bytes: [UInt8]) throws(ByteError) {
        var reader = ByteReader(bytes)
        request = try reader.uint64()
        body = reader.rest()
    }
}
