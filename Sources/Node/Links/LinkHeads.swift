import Primitives
import Wire

// The author's requests and responses as the link's heads, and back. Bodies travel as messages.

extension LinkRequestHead {
    /// For a call.
    init(_ request: Request, at place: ObjectPlace) {
        self.init(
            key: place.key,
            kind: .http,
            method: request.method.token,
            target: request.target,
            headers: request.headers.linkFields,
            peerAddress: request.client,
            sessionID: 0,
            epoch: place.epoch.value,
            hasBody: !request.body.isEmpty,
            call: request.origin.call
        )
    }

    /// For a session.
    init(_ offer: SocketOffer, at place: ObjectPlace) {
        let request = offer.request
        self.init(
            key: place.key,
            kind: .webSocket,
            method: request.method.token,
            target: request.target,
            headers: request.headers.linkFields,
            peerAddress: request.client,
            sessionID: UInt128(offer.id.high) << 64 | UInt128(offer.id.low),
            epoch: place.epoch.value,
            sequence: offer.firstMessage,
            redelivered: UInt32(clamping: offer.redelivered),
            resumed: offer.isAccepted,
            notes: offer.notes
        )
    }

    /// The identity of the session that this opens.
    var session: SessionID {
        SessionID(
            high: UInt64(truncatingIfNeeded: sessionID >> 64),
            low: UInt64(truncatingIfNeeded: sessionID)
        )
    }
}

extension Request {
    /// Nil for a method that no HTTP request can have.
    init?(_ head: LinkRequestHead, body: [UInt8]) {
        guard let method = HTTPMethod(head.method) else { return nil }
        self.init(
            method: method,
            target: head.target,
            headers: HTTPHeaders(head.headers),
            body: body,
            client: head.peerAddress
        )
        origin.call = head.call
    }
}

extension LinkResponseHead {
    init(_ response: Response) {
        self.init(
            status: UInt16(clamping: response.status),
            headers: response.headers.linkFields,
            hasBody: !response.body.isEmpty,
            tags: response.tags,
            verdict: response.verdict.byte
        )
    }
}

extension Response {
    /// The response without its body.
    init(_ head: LinkResponseHead) {
        self.init(status: Int(head.status), headers: HTTPHeaders(head.headers))
        tags = head.tags
        verdict = Verdict(byte: head.verdict)
    }
}

extension HTTPHeaders {
    fileprivate var linkFields: [LinkHeaderField] {
        fields.map { LinkHeaderField(name: $0.name, value: $0.value) }
    }

    fileprivate init(_ fields: [LinkHeaderField]) {
        self.init()
        for field in fields { add(field.name, field.value) }
    }
}
