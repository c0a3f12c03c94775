import Foundation
import Testing

/// One client sends `message` to the object of the example, and every client must see what it
/// sends then: these texts, in this order, and the number of clients.
func exchange(
    _ message: String,
    from sender: Int,
    among clients: [WebSocketClient],
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    await clients[sender].send(message)
    let first = try await clients[sender].receiveText()
    let start = "[Durable Object] message: \(message), from: \(senderID(in: first)), to: "
    let end = ". Total connections: \(clients.count)"
    let toEveryone = start + "all clients" + end
    #expect(first == start + "the initiating client" + end, sourceLocation: sourceLocation)
    #expect(
        try await clients[sender].receiveText() == toEveryone,
        sourceLocation: sourceLocation
    )
    for (index, client) in clients.enumerated() where index != sender {
        let texts = [try await client.receiveText(), try await client.receiveText()]
        let toOthers = start + "all clients except the initiating client" + end
        #expect(texts == [toOthers, toEveryone], sourceLocation: sourceLocation)
    }
}

/// The session that a text of the object says it is about.
func senderID(in text: String) -> String {
    guard let start = text.range(of: ", from: ", options: .backwards),
        let end = text.range(of: ", to: ", options: .backwards), start.upperBound < end.lowerBound
    else { return "nobody" }
    return String(text[start.upperBound..<end.lowerBound])
}
