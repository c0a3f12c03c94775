/// A status code that may stand in a Close frame, in either direction (RFC 6455 section 7.4).
///
/// There is no value for 1004, 1005, 1006 and 1015, which are never on the wire, nor for a code
/// that nobody has assigned: a Close without a code is nil instead.
package struct CloseCode: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt16

    /// Nil when `value` must be neither sent nor accepted.
    ///
    /// Good are 1000 to 1003, 1007 to 1014 (1012 to 1014 as registered with IANA), and 3000 to
    /// 4999, which belong to libraries and applications.
    package init?(_ value: UInt16) {
        switch value {
        case 1000...1003, 1007...1014, 3000...4999: self.value = value
        default: return nil
        }
    }

    /// What stands in the place of a code where there is none; never on a client's wire.
    package static let none: UInt16 = 1005

    private init(known value: UInt16) { self.value = value }

    package static let normal = CloseCode(known: 1000)
    package static let goingAway = CloseCode(known: 1001)
    package static let protocolError = CloseCode(known: 1002)
    package static let unsupportedData = CloseCode(known: 1003)
    package static let invalidPayload = CloseCode(known: 1007)
    package static let policyViolation = CloseCode(known: 1008)
    package static let messageTooBig = CloseCode(known: 1009)
    package static let internalError = CloseCode(known: 1011)
    package static let serviceRestart = CloseCode(known: 1012)
    package static let tryAgainLater = CloseCode(known: 1013)

    package var description: String { String(value) }
}
