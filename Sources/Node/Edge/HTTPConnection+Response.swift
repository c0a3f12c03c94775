import Transport
import Wire

extension HTTPConnection {
    func respond(_ response: Response) {
        respond(status: response.status, headers: response.headers, body: response.body)
    }
}
