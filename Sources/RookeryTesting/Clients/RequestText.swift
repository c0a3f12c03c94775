/// A request as it goes over the wire.
enum RequestText {
    static func bytes(
        _ method: String,
        _ target: String,
        _ headers: [(name: String, value: String)],
        body: [UInt8]?
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }
}
