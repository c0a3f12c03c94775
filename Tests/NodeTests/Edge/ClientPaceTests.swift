import Primitives
import Testing
import Wire

@testable import Node

@Suite struct ClientPaceTests {
    private static let start = Instant(nanoseconds: 7_000_000_000)

    /// A pace that expectations may take from.
    private final class Client {
        private var pace: ClientPace
        private let controlFrames: Int

        init(messages: Int = 0, bytes: Int = 0, controlFrames: Int = 0) {
            var settings = SessionSettings()
            settings.messagesPerSecond = messages
            settings.bytesPerSecond = bytes
            settings.controlFramesPerSecond = controlFrames
            self.controlFrames = controlFrames
            pace = ClientPace(settings, now: ClientPaceTests.start)
        }

        var limitsMessages: Bool { pace.limitsMessages }

        func send(_ size: Int, at time: Duration = .zero) -> ClientPace.Wait? {
            let message = WebSocketMessage(
                kind: .binary,
                payload: [UInt8](repeating: 1, count: size)
            )
            return pace.take(message, at: ClientPaceTests.start.advanced(by: time))
        }

        func ping(at time: Duration = .zero) -> Bool {
            let now = ClientPaceTests.start.advanced(by: time)
            return pace.takeControlFrame(perSecond: controlFrames, at: now)
        }
    }

    @Test func `a node looks at no message by default, and lets 100 control frames through`() {
        let settings = SessionSettings()
        #expect(settings.messagesPerSecond == 0)
        #expect(settings.bytesPerSecond == 0)
        #expect(settings.controlFramesPerSecond == 100)
        #expect(!ClientPace(settings, now: Self.start).limitsMessages)
    }

    @Test func `without a limit everything goes through`() {
        let client = Client()
        #expect(!client.limitsMessages)
        for _ in 1...10_000 {
            #expect(client.send(10) == nil)
            #expect(client.ping())
        }
    }

    @Test func `as many messages as the limit go through, and one more waits`() {
        let client = Client(messages: 20)
        #expect(client.limitsMessages)
        for _ in 1...20 { #expect(client.send(0) == nil) }
        #expect(client.send(0) == .messages(.milliseconds(50)))
        #expect(client.send(0, at: .milliseconds(50)) == nil)
        #expect(client.send(0, at: .milliseconds(50)) == .messages(.milliseconds(50)))
    }

    @Test func `as many bytes as the limit go through, and one more waits`() {
        let client = Client(bytes: 1_000)
        #expect(client.send(600) == nil)
        #expect(client.send(400) == nil)
        #expect(client.send(1) == .bytes(.milliseconds(1)))
        #expect(client.send(0) == nil)
        #expect(client.send(1, at: .milliseconds(1)) == nil)
    }

    @Test func `a message that is longer than a second's worth goes through by itself`() {
        let client = Client(bytes: 1_000)
        #expect(client.send(5_000) == nil)
        #expect(client.send(1) == .bytes(.milliseconds(4_001)))
    }

    @Test func `a message that waits for its turn costs no bytes`() {
        let client = Client(messages: 2, bytes: 100)
        #expect(client.send(10) == nil)
        #expect(client.send(10) == nil)
        for _ in 1...50 { #expect(client.send(80) == .messages(.milliseconds(500))) }
        #expect(client.send(80, at: .milliseconds(500)) == nil)
    }

    @Test func `as many control frames as the limit go through, and one more does not`() {
        let client = Client(controlFrames: 4)
        #expect(!client.limitsMessages)
        for _ in 1...4 { #expect(client.ping()) }
        #expect(!client.ping())
        #expect(client.ping(at: .milliseconds(250)))
        #expect(!client.ping(at: .milliseconds(250)))
    }
}
