import Wire

extension FuzzTarget {
    /// What a server answers to this program's own client, and to its tests.
    static let httpResponse = FuzzTarget(
        name: "http-response",
        summary: "HTTP responses, ended by their length, by chunks or by the connection",
        seeds: { Self.responses.map { Array($0.replacing("\n", with: "\r\n").utf8) } },
        check: { bytes throws(Finding) in
            for (method, limits) in [(HTTPMethod.get, HTTPLimits()), (.head, .tight)] {
                let whole = ResponseParse([bytes[...]], to: method, limits)
                for way in Cuts.ways(of: bytes) {
                    let cut = ResponseParse(way, to: method, limits)
                    try require(cut == whole, "cut: \(cut)\nwhole: \(whole)")
                }
            }
        }
    )

    private static let responses = [
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nhiHTTP/1.1 204 No Content\n\n",
        "HTTP/1.1 103 Early Hints\nLink: </x>\n\nHTTP/1.1 200 \nTransfer-Encoding: chunked\n\n2\nhi\n0\n\n",
        "HTTP/1.0 404 Not Found\nServer: x\n\nto the end",
        "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n\u{1}\u{2}",
    ]
}

/// All that a parser finds in some bytes and the end behind them.
private struct ResponseParse: Equatable {
    var events: [HTTPResponseParser.Event] = []
    var error: HTTPError?

    init(_ parts: [ArraySlice<UInt8>], to method: HTTPMethod, _ limits: HTTPLimits) {
        var parser = HTTPResponseParser(to: method, limits: limits)
        do throws(HTTPError) {
            for part in parts {
                parser.append([UInt8](part))
                while let event = try parser.next() { add(event) }
            }
            parser.close()
            // What ends with the connection ends once.
            while let event = try parser.next(), events.count < 4_096 { add(event) }
        } catch {
            self.error = error
        }
    }

    private mutating func add(_ event: HTTPResponseParser.Event) {
        if case .body(let more) = event, case .body(let before)? = events.last {
            events[events.count - 1] = .body(before + more)
        } else {
            events.append(event)
        }
    }
}
