import ExamplePage
import Foundation
import Rookery
import Testing

@testable import chat

@Suite struct ChatTests {
    private let start = Date(timeIntervalSince1970: 1_000_000)

    private func after(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    // MARK: - Names

    @Test func `a room has a short name or 64 hexadecimal digits`() {
        #expect(RoomName("a")?.text == "a")
        #expect(RoomName(String(repeating: "x", count: 32)) != nil)
        #expect(RoomName(String(repeating: "x", count: 33)) == nil)
        #expect(RoomName("") == nil)
        let secret = String(repeating: "0af9", count: 16)
        #expect(RoomName(secret) != nil)
        #expect(RoomName(secret.uppercased()) == nil)
        #expect(RoomName(String(secret.dropLast())) == nil)
        #expect(RoomName(secret + "0") == nil)
    }

    @Test func `the length of a name is what a browser counts`() {
        #expect(RoomName(String(repeating: "\u{1F600}", count: 16)) != nil)
        #expect(RoomName(String(repeating: "\u{1F600}", count: 17)) == nil)
    }

    // MARK: - History

    @Test func `the last hundred messages are kept`() throws {
        var history = History()
        for number in 1...History.messageCountMax {
            _ = history.append(name: "a", message: "\(number)", now: start)
        }
        #expect(history.messages.first?.message == "1")
        _ = history.append(name: "a", message: "one more", now: start)
        #expect(history.messages.count == History.messageCountMax)
        #expect(history.messages.first?.message == "2")
        #expect(history.messages.last?.message == "one more")
    }

    @Test func `timestamps rise whatever the clock does`() {
        var history = History()
        let times = [start, start, after(-5), after(1), after(1)]
        let stamps = times.map { history.append(name: "a", message: "m", now: $0).timestamp }
        let first: Int64 = 1_000_000_000
        #expect(stamps == [first, first + 1, first + 2, first + 1_000, first + 1_001])
    }

    @Test func `a history goes along and its timestamps go on rising`() throws {
        var history = History()
        let last = history.append(name: "a", message: "m", now: start)
        var next: History = try Snapshot(encoding: history).decoded()
        #expect(next == history)
        let later = next.append(name: "a", message: "m", now: after(-9))
        #expect(later.timestamp > last.timestamp)
    }

    @Test func `the longest history fits into a snapshot`() throws {
        var history = History()
        let widest = String(repeating: "\u{1}", count: ClientFrame.messageLengthMax)
        for _ in 1...History.messageCountMax {
            _ = history.append(name: String(widest.prefix(32)), message: widest, now: start)
        }
        #expect(try Snapshot(encoding: history).bytes.count < Snapshot.byteCountMax)
    }

    // MARK: - The limiter

    @Test func `four actions are free and then one comes every five seconds`() {
        var allowance = Allowance()
        let free = (1...4).map { _ in allowance.act(at: start) }
        #expect(free == [0, 0, 0, 0])
        let waits = [0.0, 5, 15, 15].map { allowance.act(at: after($0)) }
        #expect(waits == [5, 5, 0, 5])
    }

    @Test func `a long rest gives no more than the whole credit`() {
        var allowance = Allowance()
        _ = allowance.act(at: start)
        let waits = (1...5).map { _ in allowance.act(at: after(3_600)) }
        #expect(waits == [0, 0, 0, 0, 5])
        #expect(allowance.debt(at: after(3_600)) == 25)
        #expect(allowance.debt(at: after(7_200)) == 0)
    }

    @Test func `one action of a client is asked about at a time`() {
        var turnstile = Turnstile()
        var passes = [turnstile.pass(at: start), turnstile.pass(at: after(60))]
        turnstile.answered(wait: 0, at: after(61))
        passes.append(turnstile.pass(at: after(61)))
        turnstile.answered(wait: 5, at: after(62))
        passes += [turnstile.pass(at: after(66.9)), turnstile.pass(at: after(67))]
        #expect(passes == [true, false, true, false, true])
    }

    @Test func `an address has one limiter and an IPv6 network too`() {
        let four = SocketAddress(ip: .v4(0x7F00_0001), port: 1)
        #expect(Limiter.name(for: four) == Limiter.name(for: four.with(port: 2)))
        let six = [(1, 2), (1, 3), (2, 2)].map { high, low in
            Limiter.name(for: SocketAddress(ip: .v6(high, low), port: 1))
        }
        #expect(six[0] == six[1])
        #expect(six[0] != six[2])
        #expect(Set(six + [Limiter.name(for: four), Limiter.name(for: nil)]).count == 4)
    }

    // MARK: - Frames

    @Test func `what is no frame is none`() {
        #expect(ClientFrame(Array(#"{"name":"a"}"#.utf8))?.name == "a")
        #expect(ClientFrame(Array(#"{"message":"a","more":1}"#.utf8))?.message == "a")
        for text in ["", "{", "[]", "null", #"{"name":1}"#] {
            #expect(ClientFrame(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test func `frames are those of the chat demo`() throws {
        let message = ChatMessage(name: "a", message: "</b>", timestamp: 7)
        let expected: [(RoomFrame, String)] = [
            (.joined("a"), #"{"joined":"a"}"#), (.quit("a"), #"{"quit":"a"}"#),
            (.ready, #"{"ready":true}"#), (.error("e"), #"{"error":"e"}"#),
            (.here(["a"]), #"{"here":["a"]}"#),
            (.message(message), #"{"message":"</b>","name":"a","timestamp":7}"#),
        ]
        for (frame, text) in expected { #expect(try frame.text() == text) }
    }

    @Test func `the page needs nothing from elsewhere`() {
        expectSelfContained(PackageResources.page_html)
    }
}
