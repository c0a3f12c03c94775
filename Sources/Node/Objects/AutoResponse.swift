/// A text that a client may send, and the one that its node sends back at once, without a word to
/// the object.
public struct AutoResponse: Equatable, Sendable {
    /// The whole message of the client, byte for byte.
    public let request: String
    public let response: String

    public init(request: String, response: String) {
        self.request = request
        self.response = response
    }
}
