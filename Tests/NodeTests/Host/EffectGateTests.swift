import Primitives
import Testing
import Transport

@testable import Node

@Suite struct EffectGateTests {
    private let lease = LeaseCell()

    private func extendLease() { lease.extend(until: BootClock.now.advanced(by: .seconds(60))) }

    @Test func `it is open only with a lease, and while nothing is held`() {
        let gate = EffectGate(lease: lease)
        #expect(!gate.isOpen)
        extendLease()
        #expect(gate.isOpen)
        #expect(gate.hold({}))
        #expect(!gate.isOpen)
        gate.release()
        #expect(gate.isOpen)
    }

    @Test func `what was held is performed in order, once, when the lease is back`() {
        let gate = EffectGate(lease: lease)
        var done: [Int] = []
        for number in 1...3 { #expect(gate.hold({ done.append(number) })) }
        gate.release()
        #expect(done.isEmpty)
        #expect(gate.heldCount == 3)
        extendLease()
        gate.release()
        gate.release()
        #expect(done == [1, 2, 3])
        #expect(gate.heldCount == 0)
    }

    @Test func `it holds as many as it may, and not one more`() {
        let gate = EffectGate(lease: lease)
        for _ in 1...EffectGate.heldMax { #expect(gate.hold({})) }
        #expect(!gate.hold({}))
        #expect(gate.heldCount == EffectGate.heldMax)
    }

    @Test func `once shut it performs nothing that was held or follows`() {
        let gate = EffectGate(lease: lease)
        var (performed, dropped) = (0, 0)
        #expect(gate.hold({ performed += 1 }, orElse: { dropped += 1 }))
        gate.shut()
        #expect(dropped == 1)
        // Who has shut it answers for what is in work.
        #expect(gate.hold({ performed += 1 }, orElse: { dropped += 1 }))
        extendLease()
        gate.release()
        #expect(performed == 0)
        #expect(dropped == 1)
        #expect(gate.isShut)
        #expect(!gate.isOpen)
    }
}

@Suite struct LeaseCellTests {
    @Test func `nothing is valid before the first lease`() {
        let lease = LeaseCell()
        #expect(!lease.isValid)
        #expect(lease.remaining == nil)
    }

    @Test func `a lease lasts until its instant`() throws {
        let lease = LeaseCell()
        lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        #expect(lease.isValid)
        let remaining = try #require(lease.remaining)
        #expect(remaining > .seconds(30) && remaining <= .seconds(60))
        lease.extend(until: BootClock.now)
        #expect(!lease.isValid)
        #expect(lease.remaining == nil)
    }

    @Test func `a dropped lease is over at once, and can come back`() {
        let lease = LeaseCell()
        lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        lease.drop()
        #expect(!lease.isValid)
        lease.extend(until: BootClock.now.advanced(by: .seconds(60)))
        #expect(lease.isValid)
    }
}
