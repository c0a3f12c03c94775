/// A value that may be named on any thread and touched on one event loop only.
///
/// `@unchecked Sendable`: the value is reached only through `execute`, which runs on the loop, and
/// `onLoop`, which checks that it does. Public and inlinable, for each message passes through some:
/// generic code that other modules cannot specialise asks the runtime for its types every time.
public struct LoopBound<Value>: @unchecked Sendable {
    public let loop: EventLoop
    @usableFromInline let value: Value

    /// Must be made on the loop, or before the loop runs.
    @inlinable
    public init(_ value: Value, on loop: EventLoop) {
        self.loop = loop
        self.value = value
    }

    /// Runs `body` with the value on the loop, after what was handed in before it.
    ///
    /// Any thread.
    @inlinable
    public func execute(_ body: @escaping @Sendable (Value) -> Void) {
        loop.execute { body(value) }
    }

    /// The value itself, for a caller that is on the loop already.
    @inlinable public var onLoop: Value {
        loop.preconditionOnLoop()
        return value
    }
}

extension LoopBound {
    /// Runs `body` with the value: now on the loop itself, else after what was handed in before.
    @inlinable
    public func run(_ body: @escaping @Sendable (Value) -> Void) {
        if loop.isCurrent { body(value) } else { execute(body) }
    }
}

extension LoopBound where Value: AnyObject {
    /// What `body` answers, which is called with the value on its loop; nil for a caller elsewhere.
    ///
    /// No reference is counted for it, for this one lasts: counting is atomic, and takes longer than
    /// what is done with many a message.
    @inlinable @inline(__always)
    public func lend<Result>(to body: (Value) -> Result) -> Result? {
        guard loop.isCurrent else { return nil }
        return unsafe Unmanaged.passUnretained(value)._withUnsafeGuaranteedRef(body)
    }

    /// True when both name the same object.
    @inlinable
    public func isSame(as other: LoopBound) -> Bool { value === other.value }

    /// Tells it from all others that are there.
    package var identity: ObjectIdentifier { ObjectIdentifier(value) }
}
