/// An open descriptor that is closed when its owner goes.
package struct FileDescriptor: ~Copyable, Sendable {
    /// Negative once it is given away.
    package private(set) var number: Int32
    private let system: any System

    /// Takes over an open descriptor of `system`: nobody else may close it.
    package init(owning number: Int32, of system: any System = kernel) {
        self.number = number
        self.system = system
    }

    deinit { if number >= 0 { system.close(number) } }

    /// Gives the open descriptor away, to be owned elsewhere.
    package consuming func release() -> Int32 {
        let released = number
        number = -1
        return released
    }
}
