import Transport
import Wire

extension HTTPConnection {
    /// Answers the request in work with an object's or a worker's response.
    func respond(_ response: Response) { respond(response.head, body: response.body) }
}

extension HTTPRefusal {
    /// Refuses a request with this response.
    init(_ response: Response) { self.init(head: response.head, body: response.body) }
}

extension Response {
    fileprivate var head: HTTPResponseHead {
        HTTPResponseHead(status: HTTPStatus(UInt16(clamping: status)), headers: headers)
    }
}
