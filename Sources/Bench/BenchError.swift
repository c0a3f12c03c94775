import Transport

/// Why nothing was measured.
package enum BenchError: Error, CustomStringConvertible {
    case unknownHost(String)
    case notOpened(first: String)
    /// Not all connections were open in time.
    case slow(opened: Int, of: Int)
    case noProcess(Int32)
    case nothingCompleted(first: String)
    /// The limit of descriptors allows fewer connections.
    case tooManyConnections(Int, descriptors: Int)

    package var description: String {
        switch self {
        case .unknownHost(let host): "no address for \(host)"
        case .notOpened(let first): "a connection could not be opened: \(first)"
        case .slow(let opened, let total):
            "only \(opened) of \(total) connections were open in time"
        case .noProcess(let pid): "there is no process \(pid) to look at"
        case .nothingCompleted(let first): "nothing was completed: \(first)"
        case .tooManyConnections(let count, let descriptors):
            "ulimit -n is \(descriptors), too low for \(count) connections"
        }
    }
}
