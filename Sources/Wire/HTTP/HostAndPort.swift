/// What a `Host` field and the authority of a target may say (RFC 9110 section 7.2, RFC 3986 3.2).
enum HostAndPort {
    /// True for a name, an address of version 4 or an address in brackets, with or without a port.
    ///
    /// A user name is refused (RFC 9110 section 4.2.4). An empty host is one here.
    static func isValid(_ text: some Collection<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: "[") else {
            let end = text.firstIndex(of: HTTPCharacters.colon) ?? text.endIndex
            return isName(text[..<end]) && isPort(text[end...])
        }
        guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
        let address = text[..<end].dropFirst()
        return !address.isEmpty && address.allSatisfy(isOfAddress)
            && isPort(text[end...].dropFirst())
    }

    /// Nothing, or a colon and digits, of which there may be none.
    private static func isPort(_ text: some Collection<UInt8>) -> Bool {
        guard let first = text.first else { return true }
        return first == HTTPCharacters.colon && text.dropFirst().allSatisfy(HTTPCharacters.isDigit)
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        HTTPCharacters.isHost(byte) && byte != UInt8(ascii: "[") && byte != UInt8(ascii: "%")
    }

    /// What a registered name is made of, with whole escapes.
    private static func isName(_ text: some Collection<UInt8>) -> Bool {
        var digitsDue = 0
        for byte in text {
            if digitsDue > 0 {
                guard HTTPCharacters.hexValue(byte) != nil else { return false }
                digitsDue -= 1
            } else if byte == UInt8(ascii: "%") {
                digitsDue = 2
            } else {
                guard isOfAddress(byte), byte != UInt8(ascii: "]") else { return false }
            }
        }
        return digitsDue == 0
    }
}
