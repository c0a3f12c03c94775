import Transport
import Wire

extension HTTPConnection {
    /// Answers the request in work with an object's or a worker's response.
    func respond(_ response: Response) {
        respond(
            HTTPResponseHead(
                status: HTTPStatus(UInt16(clamping: response.status)),
                headers: response.headers
            ),
            body: response.body
        )
    }
}
