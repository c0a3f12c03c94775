import Testing

@testable import Transport

@Suite struct HandlerTableTests {
    private final class Handler: EventHandler {
        func ready(_ events: ReadyEvents) {}
    }

    @Test func `a token finds its handler`() {
        var table = HandlerTable()
        let handlers = (0..<3).map { _ in Handler() }
        let registrations = handlers.map { table.insert($0) }
        for (handler, registration) in zip(handlers, registrations) {
            #expect(table.handler(for: registration.token) === handler)
        }
        #expect(Set(registrations).count == 3)
    }

    @Test func `an event on its way to a removed handler goes nowhere`() {
        var table = HandlerTable()
        let old = table.insert(Handler())
        table.remove(old)
        #expect(table.handler(for: old.token) == nil)
        let successor = Handler()
        let new = table.insert(successor)
        #expect(new.slot == old.slot)
        #expect(table.handler(for: old.token) == nil)
        #expect(table.handler(for: new.token) === successor)
    }

    @Test func `removing twice does not remove the successor`() {
        var table = HandlerTable()
        let old = table.insert(Handler())
        table.remove(old)
        let handler = Handler()
        let new = table.insert(handler)
        table.remove(old)
        #expect(table.handler(for: new.token) === handler)
        let other = table.insert(Handler())
        #expect(other.slot != new.slot)
    }

    @Test func `a removed handler is let go`() {
        var table = HandlerTable()
        weak var weakHandler: Handler?
        do {
            let handler = Handler()
            weakHandler = handler
            let registration = table.insert(handler)
            table.remove(registration)
        }
        #expect(weakHandler == nil)
    }

    @Test(arguments: [0, 1, 1 << 32, .max] as [UInt64])
    func `an unknown token finds nobody`(token: UInt64) {
        #expect(HandlerTable().handler(for: token) == nil)
        var table = HandlerTable()
        _ = table.insert(Handler())
        #expect((table.handler(for: token) != nil) == (token == 0))
    }
}
