import Primitives

// Random faults, drawn from the generator of whoever runs the simulation.
extension VirtualNetwork {
    /// Splits the endpoints in two at random, after everything else has healed.
    mutating func partitionAtRandom(_ count: Int, using generator: inout SplitMix64) -> [Int] {
        heal()
        let sides = (0..<count).map { _ in Int.random(in: 0...1, using: &generator) }
        partition((0...1).map { side in (0..<count).filter { sides[$0] == side } })
        return sides
    }

    /// Cuts some ways at random, each in one direction, after everything else has healed.
    mutating func cutAtRandom(
        _ count: Int,
        using generator: inout SplitMix64
    ) -> [(source: Int, target: Int)] {
        heal()
        var cut: [(source: Int, target: Int)] = []
        for _ in 0...Int.random(in: 0..<count, using: &generator) {
            let source = Int.random(in: 0..<count, using: &generator)
            let target = Int.random(in: 0..<count, using: &generator)
            guard source != target else { continue }
            self.cut(from: source, to: target)
            cut.append((source, target))
        }
        return cut
    }
}
