import Glibc

/// An open descriptor that is closed when its owner goes.
package struct FileDescriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over an open descriptor: nobody else may close it.
    package init(owning number: Int32) { self.number = number }

    deinit { _ = Glibc.close(number) }

    /// Gives the open descriptor away, to be owned elsewhere.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}
