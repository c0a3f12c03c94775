/// The handlers of one event loop, found by the token that `epoll` gives back.
struct HandlerTable {
    private struct Slot {
        var generation: UInt32 = 0
        var handler: (any EventHandler)?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    mutating func insert(_ handler: any EventHandler) -> Registration {
        if let slot = free.popLast() {
            slots[Int(slot)].handler = handler
            return Registration(slot: slot, generation: slots[Int(slot)].generation)
        }
        slots.append(Slot(handler: handler))
        return Registration(slot: UInt32(slots.count - 1), generation: 0)
    }

    mutating func remove(_ registration: Registration) {
        let index = Int(registration.slot)
        guard slots[index].generation == registration.generation else { return }
        slots[index].handler = nil
        slots[index].generation &+= 1
        free.append(registration.slot)
    }

    /// The loop has ended: those that are held by what they hold let go of it.
    func endLoop() { for slot in slots { slot.handler?.loopEnded() } }

    func handler(for token: UInt64) -> (any EventHandler)? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else {
            return nil
        }
        return slots[index].handler
    }
}
