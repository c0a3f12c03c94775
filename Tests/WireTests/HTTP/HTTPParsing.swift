@testable import Wire

/// What a parser made of some bytes; pieces of one body are joined, since cuts may move.
struct Parsed<Event: Equatable & Sendable>: Equatable, Sendable {
    var events: [Event] = []
    var error: HTTPError?
}

/// Parses `bytes`, received in pieces that end at `cuts`.
func parseRequests(
    _ bytes: [UInt8],
    cuts: [Int] = [],
    limits: HTTPLimits = HTTPLimits()
) -> Parsed<HTTPRequestParser.Event> {
    var parser = HTTPRequestParser(limits: limits)
    var parsed = Parsed<HTTPRequestParser.Event>()
    for piece in pieces(of: bytes, cuts: cuts) {
        parser.append(piece)
        do throws(HTTPError) {
            while let event = try parser.next() {
                if case .body(let more) = event, case .body(let last)? = parsed.events.last {
                    parsed.events[parsed.events.count - 1] = .body(last + more)
                } else {
                    parsed.events.append(event)
                }
            }
        } catch {
            parsed.error = error
            return parsed
        }
    }
    return parsed
}

func parseRequests(
    _ text: String,
    limits: HTTPLimits = HTTPLimits()
) -> Parsed<HTTPRequestParser.Event> {
    parseRequests(Array(text.utf8), limits: limits)
}

/// The error of the request in `text`, and the same one when it comes byte by byte.
func refusal(of text: String, limits: HTTPLimits = HTTPLimits()) -> HTTPError? {
    let bytes = Array(text.utf8)
    let slowly = parseRequests(bytes, cuts: Array(1..<bytes.count), limits: limits)
    let atOnce = parseRequests(bytes, limits: limits)
    return atOnce == slowly ? atOnce.error : .unexpectedEnd
}

/// Parses a response; `isClosed` says that the connection ends after it.
func parseResponses(
    _ bytes: [UInt8],
    cuts: [Int] = [],
    to method: HTTPMethod = .get,
    isClosed: Bool = false,
    limits: HTTPLimits = HTTPLimits()
) -> Parsed<HTTPResponseParser.Event> {
    var parser = HTTPResponseParser(to: method, limits: limits)
    var parsed = Parsed<HTTPResponseParser.Event>()
    let pieces = pieces(of: bytes, cuts: cuts)
    for (index, piece) in pieces.enumerated() {
        parser.append(piece)
        if isClosed, index == pieces.count - 1 { parser.close() }
        do throws(HTTPError) {
            while let event = try parser.next() {
                if case .body(let more) = event, case .body(let last)? = parsed.events.last {
                    parsed.events[parsed.events.count - 1] = .body(last + more)
                } else {
                    parsed.events.append(event)
                }
            }
        } catch {
            parsed.error = error
            return parsed
        }
    }
    return parsed
}

private func pieces(of bytes: [UInt8], cuts: [Int]) -> [[UInt8]] {
    zip([0] + cuts, cuts + [bytes.count]).map { Array(bytes[$0..<$1]) }
}
