import Testing

@testable import Transport

@Suite struct BufferPoolTests {
    private static let limit = 64 << 20

    @Test func `a pool is busy from three quarters on, and full from its limit on`() {
        let pool = BufferPool(bytesMax: Self.limit)
        let account = BufferAccount(pool: pool)
        #expect(pool.busyBytes == 48 << 20)
        #expect(pool.calmBytes == 32 << 20)
        #expect(pool.modestBytes == 4 << 10)
        #expect(BufferPool(bytesMax: 1 << 30).modestBytes == 64 << 10)
        account.change(by: 48 << 20)
        #expect(!pool.isBusy)
        account.change(by: 1)
        account.tell()
        #expect(pool.isBusy && !pool.isFull)
        account.change(by: (16 << 20) - 1)
        account.tell()
        #expect(pool.bytes == Self.limit && !pool.isFull)
        account.change(by: 1)
        account.tell()
        #expect(pool.isFull)
        account.change(by: -Self.limit - 1)
        #expect(pool.bytes == 0 && !pool.isBusy)
    }

    @Test func `a loop tells in steps, and of the rest when it is asked to`() {
        let pool = BufferPool(bytesMax: Self.limit)
        let accounts = [BufferAccount(pool: pool), BufferAccount(pool: pool)]
        let step = pool.stepBytes
        #expect(step == 256 << 10)
        accounts[0].change(by: step - 1)
        #expect(pool.bytes == 0)
        accounts[1].change(by: step)
        #expect(pool.bytes == step)
        accounts[0].change(by: 1)
        #expect(pool.bytes == 2 * step)
        accounts[0].change(by: -5)
        #expect(pool.bytes == 2 * step)
        accounts[0].tell()
        #expect(pool.bytes == 2 * step - 5)
    }

    @Test func `a small pool has small steps`() {
        #expect(BufferPool(bytesMax: 1 << 20).stepBytes == 16 << 10)
    }

    @Test func `who has more while the node is busy is told of it`() {
        let pool = BufferPool(bytesMax: Self.limit)
        let (one, other) = (BufferAccount(pool: pool), BufferAccount(pool: pool))
        var calls: [String] = []
        one.overfull = { calls.append("one") }
        other.overfull = { calls.append("other") }
        one.change(by: 48 << 20)
        #expect(calls.isEmpty)
        other.change(by: 1 << 20)
        #expect(calls == ["other"])
        one.change(by: -(256 << 10))
        #expect(calls == ["other"])
        one.change(by: 256 << 10)
        #expect(calls == ["other", "one"])
    }

    @Test func `what several clients wait for together can be corrected, until it changes`() {
        let pool = BufferPool(bytesMax: Self.limit)
        let account = BufferAccount(pool: pool)
        account.change(by: 60 << 20)
        account.correct(to: 1 << 20)
        #expect(pool.bytes == 1 << 20)
        #expect(account.bytes == 60 << 20)
        account.change(by: 2 << 20)
        #expect(pool.bytes == 3 << 20)
        // As far as is known, what goes was waited for by one client.
        account.change(by: -(30 << 20))
        #expect(pool.bytes == 0)
        account.change(by: -(32 << 20))
        account.change(by: 1 << 20)
        #expect(pool.bytes == 1 << 20)
        account.correct(to: 5 << 20)
        #expect(pool.bytes == 1 << 20)
    }

    @Test func `a client counts with what it has now`() {
        let pool = BufferPool(bytesMax: Self.limit)
        let account = BufferAccount(pool: pool)
        var charge = BufferCharge()
        for bytes in [5 << 20, 2 << 20, 2 << 20, 9 << 20] {
            charge.set(bytes, on: account)
            #expect(charge.bytes == bytes)
            #expect(pool.bytes == bytes)
        }
        charge.set(0, on: account)
        #expect(account.bytes == 0)
        charge.set(7, on: nil)
        #expect(charge.bytes == 7)
    }

    @Test func `an array counts once, however many hold it`() {
        let (shared, other) = ([UInt8](repeating: 1, count: 100), [UInt8](repeating: 1, count: 9))
        let copy = shared
        var total = SharedByteCount()
        for array in [shared, copy, other, shared] { total.add(array) }
        total.add(own: 1_000)
        total.add(own: 1_000)
        #expect(total.bytes == 2_109)
    }
}
