/// A first-in first-out queue of slots in which each slot is at most once.
///
/// Every operation takes constant time, removal from the middle too; nothing stale stays behind
/// when a stream goes, so the queue is never longer than the table of streams.
struct SlotQueue: Sendable {
    private struct Link {
        var previous: Int32
        var next: Int32
    }

    private static let none: Int32 = -1
    private static let absent = Link(previous: -2, next: -2)

    private var links: [Link] = []
    private var head = none
    private var tail = none
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Int? { isEmpty ? nil : Int(head) }

    @inline(__always)
    func contains(_ slot: Int) -> Bool {
        slot < links.count && links[slot].next != Self.absent.next
    }

    /// Nothing happens when the slot is in the queue already.
    @inline(__always)
    mutating func append(_ slot: Int) {
        if !contains(slot) { insert(slot) }
    }

    /// At the end; the slot is not in the queue.
    private mutating func insert(_ slot: Int) {
        while links.count <= slot { links.append(Self.absent) }
        links[slot] = Link(previous: tail, next: Self.none)
        if isEmpty { head = Int32(slot) } else { links[Int(tail)].next = Int32(slot) }
        tail = Int32(slot)
        count += 1
    }

    mutating func remove(_ slot: Int) {
        guard contains(slot) else { return }
        let link = links[slot]
        if link.previous == Self.none {
            head = link.next
        } else {
            links[Int(link.previous)].next = link.next
        }
        if link.next == Self.none {
            tail = link.previous
        } else {
            links[Int(link.next)].previous = link.previous
        }
        links[slot] = Self.absent
        count -= 1
    }

    mutating func popFirst() -> Int? {
        guard let slot = first else { return nil }
        remove(slot)
        return slot
    }

    mutating func removeAll() { self = SlotQueue() }
}
