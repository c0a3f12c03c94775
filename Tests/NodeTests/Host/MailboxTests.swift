import Testing
import Transport

@testable import Node

@Suite(.onTestLoop) struct MailboxTests {
    @Test func `events come out in the order in which they came`() async {
        let mailbox = Mailbox(capacity: 10)
        for number in 1...3 { #expect(mailbox.append(.numbered(number))) }
        #expect(mailbox.popFirst()?.number == 1)
        #expect(mailbox.append(.numbered(4)))
        #expect((1...3).map { _ in mailbox.popFirst()?.number } == [2, 3, 4])
        #expect(mailbox.popFirst() == nil)
        #expect(mailbox.isEmpty)
    }

    @Test func `it is full at its capacity, and has room again when an event is taken`() async {
        let mailbox = Mailbox(capacity: 2)
        #expect(mailbox.append(.numbered(1)))
        #expect(mailbox.append(.numbered(2)))
        #expect(!mailbox.append(.numbered(3)))
        _ = mailbox.popFirst()
        #expect(mailbox.append(.numbered(4)))
        #expect(mailbox.count == 2)
    }

    @Test func `once closed it gives back what waits, in order, and takes nothing`() async {
        let mailbox = Mailbox(capacity: 10)
        for number in 1...3 { #expect(mailbox.append(.numbered(number))) }
        _ = mailbox.popFirst()
        #expect(mailbox.append(.numbered(4)))
        #expect(mailbox.close().map(\.number) == [2, 3, 4])
        #expect(!mailbox.append(.numbered(5)))
        #expect(mailbox.isClosed)
    }

    @Test func `while it is held an arrival wakes nobody, and the release does`() async throws {
        let mailbox = LoopBound(Mailbox(capacity: 10), on: TestLoop.shared)
        let sleeper = sleeper(at: mailbox)
        try await eventually("the task sleeps") { mailbox.onLoop.isAwaited }
        mailbox.onLoop.hold()
        #expect(mailbox.onLoop.append(.numbered(1)))
        #expect(mailbox.onLoop.isAwaited)
        mailbox.onLoop.release()
        #expect(await sleeper.value)
        #expect(!mailbox.onLoop.isAwaited)
    }

    @Test func `a held mailbox that is closed wakes the task`() async throws {
        let mailbox = LoopBound(Mailbox(capacity: 10), on: TestLoop.shared)
        mailbox.onLoop.hold()
        let sleeper = sleeper(at: mailbox)
        try await eventually("the task sleeps") { mailbox.onLoop.isAwaited }
        #expect(mailbox.onLoop.close().isEmpty)
        #expect(await sleeper.value)
    }

    @Test func `a task that goes is replaced with the next event, and not at the end`() async throws
    {
        for isClosed in [false, true] {
            let mailbox = LoopBound(Mailbox(capacity: 10), on: TestLoop.shared)
            let sleeper = sleeper(at: mailbox)
            try await eventually("the task sleeps") { mailbox.onLoop.isAwaited }
            var begun = 0
            mailbox.onLoop.dismiss()
            // None could come instead.
            mailbox.onLoop.beginTask = { begun += 1 }
            mailbox.onLoop.dismiss()
            #expect(await !sleeper.value)
            #expect(mailbox.onLoop.isAwaited)
            if isClosed { _ = mailbox.onLoop.close() }
            for number in 1...2 {
                #expect(mailbox.onLoop.append(.numbered(number)) == !isClosed)
            }
            #expect(begun == (isClosed ? 0 : 1))
            #expect(!mailbox.onLoop.isAwaited)
            mailbox.onLoop.beginTask = nil
        }
    }

    private func sleeper(at mailbox: LoopBound<Mailbox>) -> Task<Bool, Never> {
        Task(executorPreference: TestLoop.shared) { await Mailbox.wait(for: mailbox) }
    }
}

extension ObjectEvent {
    /// A request that can be told from others.
    fileprivate static func numbered(_ number: Int) -> ObjectEvent {
        .request(Request(method: .get, target: "\(number)", headers: [:])) { _ in }
    }

    fileprivate var number: Int? {
        switch self {
        case .request(let request, _): Int(request.target)
        case .upgrade, .attached, .message, .closed, .alarm, .tookOver: nil
        }
    }
}
