/// One extension that a client offers for a WebSocket (RFC 6455 section 9.1).
package struct ExtensionOffer: Equatable, Sendable {
    /// A parameter of an extension; the quotes of a value are dropped.
    package struct Parameter: Equatable, Sendable {
        package let name: String
        package let value: String?
    }

    package let name: String
    /// In the order in which they were sent, repeated ones too.
    package let parameters: [Parameter]

    /// The offers in all `Sec-WebSocket-Extensions` fields, the client's favourite first.
    ///
    /// Nil when a field is not written as RFC 6455 has it. A value in quotes must be a token all the
    /// same, so a comma or a semicolon always separates.
    package static func list(_ fields: [String]) -> [ExtensionOffer]? {
        var offers: [ExtensionOffer] = []
        for field in fields {
            for element in Array(field.utf8).split(separator: HTTPCharacters.comma) {
                let text = HTTPCharacters.trimmed(element)
                guard !text.isEmpty else { continue }
                guard let offer = ExtensionOffer(text) else { return nil }
                offers.append(offer)
            }
        }
        return offers
    }

    init(name: String, parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }

    private init?(_ text: ArraySlice<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map(HTTPCharacters.trimmed)
        guard let first = parts.first, let name = Self.token(first) else { return nil }
        let parameters = parts.dropFirst().compactMap(Parameter.init)
        guard parameters.count == parts.count - 1 else { return nil }
        self.init(name: name, parameters: parameters)
    }

    fileprivate static func token(_ text: ArraySlice<UInt8>) -> String? {
        guard !text.isEmpty, text.allSatisfy(HTTPCharacters.isToken) else { return nil }
        return HTTPCharacters.text(text)
    }
}

extension ExtensionOffer.Parameter {
    fileprivate init?(_ text: ArraySlice<UInt8>) {
        let equals = text.firstIndex(of: UInt8(ascii: "="))
        guard
            let name = ExtensionOffer.token(
                HTTPCharacters.trimmed(text[..<(equals ?? text.endIndex)])
            )
        else { return nil }
        guard let equals else {
            self.init(name: name, value: nil)
            return
        }
        var word = HTTPCharacters.trimmed(text[(equals + 1)...])
        let quote = UInt8(ascii: "\"")
        if word.count >= 2, word.first == quote, word.last == quote {
            word = word.dropFirst().dropLast()
        }
        guard let value = ExtensionOffer.token(word) else { return nil }
        self.init(name: name, value: value)
    }
}
