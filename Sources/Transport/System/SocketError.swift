import Glibc

/// A system call that failed: which one, on what, and why.
package struct SocketError: Error, Equatable, Sendable, CustomStringConvertible {
    package let operation: String
    /// The value of `errno`, captured at once.
    package let code: Int32

    package init(operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// The process or the system has no descriptor left (`EMFILE`, `ENFILE`) or no memory for one.
    package var isExhaustion: Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
    }

    /// The process or the system has no descriptor left (`EMFILE`, `ENFILE`).
    package var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }

    /// There is no file or folder of that name (`ENOENT`).
    package var isMissing: Bool { code == ENOENT }

    package var description: String {
        guard let text = unsafe strerror(code) else { return "\(operation): error \(code)" }
        return unsafe "\(operation): \(String(cString: text))"
    }
}
