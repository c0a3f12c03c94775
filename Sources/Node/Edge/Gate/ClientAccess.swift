import Primitives
import Wire

/// Which objects a client may reach.
enum ClientAccess: Sendable {
    /// All: this node asks for no tokens, or it is an object that asks.
    case open
    /// None: the client has shown no token.
    case nothing
    case token(AccessToken)

    /// Why the client may not reach this object; nil when it may.
    func refusal(of key: ObjectKey) -> GateRefusal? {
        switch self {
        case .open: nil
        case .nothing: .tokenMissing
        case .token(let token):
            if !token.className.matches(key.className) {
                .tokenClass
            } else if !token.name.matches(key.name) {
                .tokenName
            } else {
                nil
            }
        }
    }
}
