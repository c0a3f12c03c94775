/// Why a socket may not be closed so.
public enum CloseError: Error, Equatable, Sendable {
    /// Codes that an endpoint may send are 1000 to 1003, 1007 to 1014 and 3000 to 4999 (RFC 6455
    /// section 7.4, and IANA's registry).
    case invalidCode(UInt16)
    /// In bytes of UTF-8.
    case reasonTooLong(byteCount: Int, limit: Int)
}
