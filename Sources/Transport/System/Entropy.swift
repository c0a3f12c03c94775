/// Chance as one system gives it: unforeseeable on a machine, from a seed in a test.
package struct Entropy: RandomNumberGenerator {
    private let system: any System

    package init(_ system: any System) { self.system = system }

    package func next() -> UInt64 { system.randomBits() }
}
