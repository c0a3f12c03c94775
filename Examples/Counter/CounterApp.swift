import Rookery

/// Counters with names, and one object that knows the total.
@main
struct CounterApp: RookeryApp {
    static let objects: [any DurableObject.Type] = [Counter.self, Total.self]
    static let worker: any Worker = Front()
}
