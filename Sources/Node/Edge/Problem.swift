import Foundation
import Wire

extension Response {
    /// What is wrong, as RFC 9457 writes it; `detail` is for people.
    static func problem(status: Int, detail: String) -> Response {
        struct Problem: Encodable {
            let status: Int
            let title: String
            let detail: String
        }
        let title = HTTPStatus(UInt16(clamping: status)).reasonPhrase
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let body = try? encoder.encode(Problem(status: status, title: title, detail: detail))
        var response = Response.json(Array(body ?? Data()), status: status)
        response.headers.set("Content-Type", "application/problem+json")
        return response
    }
}
