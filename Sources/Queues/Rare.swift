/// What can be made without being told anything.
public protocol Blank {
    init()
}

/// A value that is blank most of the time, and as long takes eight bytes of who holds it.
///
/// Public and inlinable, as `Deque` is.
public struct Rare<Value: Blank> {
    /// Empty, or the value: an array is the one box that is copied when it has to be.
    @usableFromInline var box: [Value] = []

    @inlinable
    public init() {}

    /// False once anything was changed, until `clear`.
    @inlinable public var isBlank: Bool { box.isEmpty }

    /// To change it takes memory; to read it does not.
    @inlinable public var value: Value {
        get { box.isEmpty ? Value() : box[0] }
        _modify {
            if box.isEmpty { box.append(Value()) }
            yield &box[0]
        }
    }

    /// Gives the memory back.
    @inlinable
    public mutating func clear() { box = [] }
}

extension Rare: Sendable where Value: Sendable {}
