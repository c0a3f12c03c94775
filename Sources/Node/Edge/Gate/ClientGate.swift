import Primitives
import Transport
import Wire

/// Who of the clients may come in; asked for each request, before the worker.
struct ClientGate: Sendable {
    /// What a request is let in with.
    struct Admission: Sendable {
        /// As the worker gets it: without the token.
        let request: Request
        let access: ClientAccess
        /// The subprotocol that brought the token: what a browser is told when nothing else is
        /// chosen, for it takes no answer without one of its offers.
        let tokenOffer: String?
    }

    var origins = OriginRule()
    /// Nil where no tokens are asked for.
    var keyring: AccessKeyring?
    var hops = TrustedHops()
    /// Each connection begins with what the proxy in front says about its client.
    var isProxied = false

    /// Where the client is, by what those say who are trusted, else by its connection.
    func client(of head: HTTPRequestHead, from address: SocketAddress?) -> SocketAddress? {
        hops.client(in: head.headers) ?? address
    }

    /// Lets a request in at this `time` since 1970, or says why not.
    func admit(
        _ request: HTTPRequest,
        client: SocketAddress?,
        at time: Duration
    ) throws(GateRefusal) -> Admission {
        let (access, offer) = try check(request.head, at: time)
        guard let offer else {
            return Admission(
                request: Request(request, client: client),
                access: access,
                tokenOffer: nil
            )
        }
        return Admission(
            request: Request(
                method: request.head.method,
                target: offer.target,
                headers: offer.headers,
                body: request.body,
                client: client
            ),
            access: access,
            tokenOffer: offer.subprotocol
        )
    }

    /// What its head alone says of a request; the offer is nil where no tokens are asked for.
    func check(
        _ head: HTTPRequestHead,
        at time: Duration
    ) throws(GateRefusal) -> (access: ClientAccess, offer: BearerOffer?) {
        guard origins.allows(head) else { throw .origin }
        guard let keyring else { return (.open, nil) }
        let offer = BearerOffer(of: head)
        let access = try Self.access(by: offer, keyring, at: time)
        try Self.check(access, head)
        return (access, offer)
    }

    private static func access(
        by offer: BearerOffer,
        _ keyring: AccessKeyring,
        at time: Duration
    ) throws(GateRefusal) -> ClientAccess {
        guard let text = offer.tokens.first else { return .nothing }
        guard offer.tokens.count == 1 else { throw .tokenRepeated }
        do throws(AccessTokenError) {
            return .token(try AccessToken.verify(text, with: keyring, at: time))
        } catch {
            throw .token(error)
        }
    }

    /// What the worker need not be asked about: a WebSocket always goes to an object, and where
    /// the path of the request names one, the token must be for it.
    private static func check(
        _ access: ClientAccess,
        _ head: HTTPRequestHead
    ) throws(GateRefusal) {
        let path = ObjectPath(head.target)
        guard path != nil || head.headers.listed("websocket", in: "Upgrade") else { return }
        if case .nothing = access { throw .tokenMissing }
        if let key = path?.key, let refusal = access.refusal(of: key) { throw refusal }
    }
}

extension ClientGate {
    init(_ configuration: NodeConfiguration) {
        let client = configuration.client
        origins = OriginRule(allowed: client.origins)
        keyring = AccessKeyring(secrets: client.tokenKey.map(\.bytes))
        hops = TrustedHops(count: client.trustedHops, field: client.forwardedField)
        isProxied = client.proxyProtocol
        // The configuration is checked for this; a gate without its keys must not stand open.
        precondition(keyring != nil || client.tokenKey.isEmpty, "the token keys are no ring")
    }
}
