import Foundation
import Rookery
import Testing

@testable import presence

@Suite struct PresenceTests {
    private func cursor(_ query: String) -> Cursor? {
        Cursor(Request(method: .get, target: "/api/plane/p/websocket?" + query, headers: [:]))
    }

    @Test func `who comes says a name and a team and a colour`() {
        let cursor = cursor("name=Ada+L&team=jade&hue=200")
        #expect(cursor == Cursor(name: "Ada L", team: .jade, hue: 200))
        #expect(cursor?.tags == ["team:jade", "cool"])
    }

    @Test(arguments: [
        "team=jade&hue=0", "name=&team=jade&hue=0", "name=a&team=none&hue=0", "name=a&team=jade",
        "name=a&team=jade&hue=360", "name=a&team=jade&hue=-1", "name=a&team=jade&hue=x",
        "name=aaaaaaaaaaaaaaaaaaaaaaaaa&team=jade&hue=0",
    ])
    func `who does not say so is not let in`(query: String) { #expect(cursor(query) == nil) }

    @Test func `the longest name is let in`() {
        #expect(cursor("name=aaaaaaaaaaaaaaaaaaaaaaaa&team=jade&hue=0") != nil)
    }

    @Test func `a cursor stays on the plane`() {
        var cursor = Cursor(name: "a", team: .amber, hue: 0)
        cursor.move(to: -3, 0.25)
        #expect([cursor.x, cursor.y] == [0, 0.25])
        cursor.move(to: .nan, 7)
        #expect([cursor.x, cursor.y] == [0, 1])
    }

    @Test func `a cursor fits onto a socket`() throws {
        let name = String(repeating: "\u{1}", count: Cursor.nameLengthMax)
        var cursor = Cursor(name: name, team: .violet, hue: 359)
        cursor.move(to: 1.0 / 3, 2.0 / 3)
        #expect(try JSONEncoder().encode(cursor).count < SocketNotes.attachmentBytesMax)
    }

    @Test func `what a client says is understood or refused`() {
        func frame(_ text: String) -> ClientFrame? { ClientFrame(Array(text.utf8)) }
        #expect(frame(#"{"hello":true}"#) == .hello)
        #expect(frame(#"{"wave":true}"#) == .wave)
        #expect(frame(#"{"x":0.5,"y":1}"#) == .move(x: 0.5, y: 1))
        for text in ["", "[]", "{}", #"{"x":1}"#, #"{"hello":false}"#, #"{"x":"1","y":1}"#] {
            #expect(frame(text) == nil, "\(text)")
        }
        let padding = String(repeating: " ", count: ClientFrame.byteCountMax - 13)
        #expect(frame(#"{"wave":true}"# + padding) == .wave)
        #expect(frame(#"{"wave":true}"# + padding + " ") == nil)
    }

    @Test func `the page needs nothing from elsewhere`() {
        expectSelfContained(PackageResources.page_html)
    }
}
