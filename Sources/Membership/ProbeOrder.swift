import Primitives

/// The live members in the order in which they are probed: each once a round, shuffled anew for
/// every round (SWIM section 4.3).
///
/// A newcomer enters at a random place, so that two probes of one member are never more than two
/// rounds apart. Members are named by their slot in the table.
struct ProbeOrder: Sendable {
    private(set) var slots: [Int] = []
    private var position = 0

    var count: Int { slots.count }
    var isEmpty: Bool { slots.isEmpty }

    mutating func insert(_ slot: Int, using generator: inout SplitMix64) {
        let index = Int.random(in: 0...slots.count, using: &generator)
        slots.insert(slot, at: index)
        if index < position { position += 1 }
    }

    mutating func remove(_ slot: Int) {
        guard let index = slots.firstIndex(of: slot) else { return }
        slots.remove(at: index)
        if index < position { position -= 1 }
    }

    /// Makes `slot` the next one; whoever was next follows.
    mutating func hasten(_ slot: Int) {
        guard slots.contains(slot) else { return }
        remove(slot)
        slots.insert(slot, at: position)
    }

    mutating func next(using generator: inout SplitMix64) -> Int? {
        guard !slots.isEmpty else { return nil }
        if position >= slots.count {
            slots.shuffle(using: &generator)
            position = 0
        }
        position += 1
        return slots[position - 1]
    }

    /// Up to `count` different members that `qualifies` accepts.
    ///
    /// The order is shuffled, so a walk from a random place in it is a random choice.
    func pick(
        _ count: Int,
        using generator: inout SplitMix64,
        where qualifies: (Int) -> Bool
    ) -> [Int] {
        guard count > 0, !slots.isEmpty else { return [] }
        var picked: [Int] = []
        var index = Int.random(in: 0..<slots.count, using: &generator)
        for _ in slots.indices {
            if qualifies(slots[index]) { picked.append(slots[index]) }
            if picked.count == count { break }
            index = index + 1 == slots.count ? 0 : index + 1
        }
        return picked
    }
}
