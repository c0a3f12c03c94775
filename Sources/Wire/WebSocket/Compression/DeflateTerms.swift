/// What the two ends of a connection have agreed on for permessage-deflate (RFC 7692).
package struct DeflateTerms: Equatable, Sendable {
    package static let extensionName = "permessage-deflate"
    /// The windows that both sides can have, as powers of two.
    ///
    /// RFC 7692 has 8 too. zlib cannot compress with it, so an offer that asks us to is declined.
    package static let windowBits = 9...15

    /// The window of what the server compresses: never larger than the client can take.
    package let serverWindowBits: Int
    /// The window of what the client compresses.
    package let clientWindowBits: Int
    /// The server compresses a message with the help of those before it.
    package let serverKeepsContext: Bool
    package let clientKeepsContext: Bool
    /// The client wants to be told the server's window.
    let tellsServerWindow: Bool

    /// The value of the answer's `Sec-WebSocket-Extensions`.
    package var fieldValue: String {
        var value = Self.extensionName
        if !serverKeepsContext { value += "; server_no_context_takeover" }
        if !clientKeepsContext { value += "; client_no_context_takeover" }
        if tellsServerWindow { value += "; server_max_window_bits=\(serverWindowBits)" }
        if clientWindowBits < 15 { value += "; client_max_window_bits=\(clientWindowBits)" }
        return value
    }

    /// The same, for an end that keeps less between two messages.
    ///
    /// Every client must bear either (RFC 7692 section 7.1.1).
    package func keeping(server: Bool, client: Bool) -> DeflateTerms {
        DeflateTerms(
            serverWindowBits: serverWindowBits,
            clientWindowBits: clientWindowBits,
            serverKeepsContext: serverKeepsContext && server,
            clientKeepsContext: clientKeepsContext && client,
            tellsServerWindow: tellsServerWindow
        )
    }

    /// The best answer to `offers` of which the windows are at most `windowBitsMax`; nil for none.
    package init?(answering offers: [ExtensionOffer], windowBitsMax: Int) {
        for offer in offers where offer.name == Self.extensionName {
            guard let wishes = DeflateWishes(offer) else { continue }
            self.init(wishes, windowBitsMax: windowBitsMax)
            return
        }
        return nil
    }

    private init(_ wishes: DeflateWishes, windowBitsMax: Int) {
        // A client that says nothing of its window can be told nothing.
        let client = wishes.clientWindow.map { min($0, windowBitsMax) }
        self.init(
            serverWindowBits: min(wishes.serverWindowBits ?? 15, windowBitsMax),
            clientWindowBits: client ?? 15,
            serverKeepsContext: wishes.serverKeepsContext,
            clientKeepsContext: wishes.clientKeepsContext,
            tellsServerWindow: wishes.serverWindowBits != nil
        )
    }

    private init(
        serverWindowBits: Int,
        clientWindowBits: Int,
        serverKeepsContext: Bool,
        clientKeepsContext: Bool,
        tellsServerWindow: Bool
    ) {
        self.serverWindowBits = serverWindowBits
        self.clientWindowBits = clientWindowBits
        self.serverKeepsContext = serverKeepsContext
        self.clientKeepsContext = clientKeepsContext
        self.tellsServerWindow = tellsServerWindow
    }
}

/// The four parameters of one offer (RFC 7692 section 7.1).
private struct DeflateWishes {
    var serverKeepsContext = true
    var clientKeepsContext = true
    var serverWindowBits: Int?
    /// The largest window that the client will use; nil when it cannot be told to use less.
    var clientWindow: Int?

    /// Nil for an offer that must be declined: an unknown, repeated or bad parameter, or one that
    /// zlib cannot fulfil.
    init?(_ offer: ExtensionOffer) {
        var seen: Set<String> = []
        for parameter in offer.parameters {
            guard seen.insert(parameter.name).inserted, take(parameter) else { return nil }
        }
    }

    private mutating func take(_ parameter: ExtensionOffer.Parameter) -> Bool {
        switch (parameter.name, parameter.value) {
        case ("server_no_context_takeover", nil): serverKeepsContext = false
        case ("client_no_context_takeover", nil): clientKeepsContext = false
        case ("server_max_window_bits", let value?):
            serverWindowBits = Self.bits(value)
            return serverWindowBits.map { DeflateTerms.windowBits.contains($0) } ?? false
        case ("client_max_window_bits", nil): clientWindow = 15
        case ("client_max_window_bits", let value?):
            clientWindow = Self.bits(value)
            return clientWindow != nil
        default: return false
        }
        return true
    }

    /// 8 to 15 without a zero in front.
    private static func bits(_ value: String) -> Int? {
        guard value.utf8.first.map({ $0 != UInt8(ascii: "0") }) ?? false,
            let bits = BodyFraming.decimal(Array(value.utf8)[...]), (8...15).contains(bits)
        else { return nil }
        return bits
    }
}
