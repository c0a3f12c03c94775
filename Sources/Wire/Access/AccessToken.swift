import Primitives

/// What lets a client in: signed words that say which objects it may reach, and until when.
///
/// As a text it is base 64 (`Base64URL`) of: version u8, number of the key u32, end u64 in seconds
/// since 1970, class u8 and text, name u16 and text, and HMAC-SHA256 of all that, 32 bytes. It can
/// be read by whoever has it, and changed by nobody.
package struct AccessToken: Hashable, Sendable {
    /// How long a token is taken after its end, for clocks that differ a little.
    package static let leeway = Duration.seconds(5)
    /// Longer texts are refused unread; the longest patterns give one of this length.
    package static let textBytesMax = 1_600
    /// The longest time that a new token may be given: 366 days.
    package static let lifeMax = Duration.seconds(366 * 86_400)

    private static let version: UInt8 = 1

    /// The classes whose objects it is for.
    package let className: TextPattern
    /// The names of these objects.
    package let name: TextPattern
    /// Its end, in whole seconds since 1970.
    package let expires: UInt64

    /// Nil when a pattern is longer than what it is for can be.
    package init?(className: String, name: String, expires: UInt64) {
        guard let classPattern = TextPattern(className, byteCountMax: ObjectKey.classByteCountMax),
            let namePattern = TextPattern(name, byteCountMax: ObjectKey.nameByteCountMax)
        else { return nil }
        self.className = classPattern
        self.name = namePattern
        self.expires = expires
    }
}

// MARK: - As a text

extension AccessToken {
    /// The token as a client shows it, signed with the first key.
    package func encode(with keyring: AccessKeyring) -> String {
        var writer = ByteWriter()
        writer.write(Self.version)
        writer.write(keyring.first.id)
        writer.write(expires)
        writer.writeText8(className.text)
        writer.writeText16(name.text)
        let code = keyring.first.code.authenticate(writer.bytes)
        writer.write(code)
        return Base64URL.encode(writer.take())
    }

    /// The token that `text` is, at this `time` since 1970.
    ///
    /// Nothing behind the number of the key is read before the code is verified.
    package static func verify(
        _ text: String,
        with keyring: AccessKeyring,
        at time: Duration
    ) throws(AccessTokenError) -> AccessToken {
        guard text.utf8.count <= textBytesMax else { throw .tooLong(limit: textBytesMax) }
        guard let bytes = Base64URL.decode(text), bytes.count > 5 + HMACSHA256.byteCount
        else { throw .malformed }
        guard bytes[0] == version else { throw .unknownVersion(bytes[0]) }
        guard let key = keyring.key(bytes.span.uint32(at: 1)) else { throw .unknownKey }
        let signed = bytes.dropLast(HMACSHA256.byteCount)
        let code = bytes[signed.endIndex...]
        guard ConstantTime.equal(code, key.code.authenticate(signed)[...]) else {
            throw .wrongSignature
        }
        let token = try AccessToken(signed: signed.dropFirst(5))
        let end = Duration.seconds(Int64(clamping: min(token.expires, 1 << 40))) + leeway
        guard time < end else { throw .expired }
        return token
    }

    private init(signed bytes: ArraySlice<UInt8>) throws(AccessTokenError) {
        var reader = ByteReader(bytes)
        do throws(ByteError) {
            let expires = try reader.uint64()
            let className = try reader.text8()
            let name = try reader.text16(limit: ObjectKey.nameByteCountMax)
            try reader.finish()
            guard let token = AccessToken(className: className, name: name, expires: expires)
            else { throw .invalidValue }
            self = token
        } catch {
            throw .malformed
        }
    }
}

/// Why a text is no token that lets anybody in.
package enum AccessTokenError: Error, Equatable, Sendable {
    case tooLong(limit: Int)
    case malformed
    case unknownVersion(UInt8)
    /// It was signed with a secret that is not, or not any more, among those here.
    case unknownKey
    case wrongSignature
    case expired
}
