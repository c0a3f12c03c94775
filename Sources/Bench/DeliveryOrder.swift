/// Whether one receiver gets every message of a fan-out, each so many times, in order.
struct DeliveryOrder {
    private let copies: Int
    /// How many deliveries there should have been.
    private var position = 0
    /// Deliveries that were passed over when a later message came.
    private(set) var missing = 0
    /// Deliveries of a message that should have come before, or too often.
    private(set) var disordered = 0

    init(copies: Int) { self.copies = copies }

    /// Takes one more delivery of message `number`, which counts from zero.
    mutating func take(_ number: UInt32) {
        let first = Int(number) * copies
        if first + copies <= position {
            disordered += 1
        } else {
            missing += max(first - position, 0)
            position = max(first, position) + 1
        }
    }
}
