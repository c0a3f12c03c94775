package import Primitives
package import Transport

/// Why the folder of a node's state cannot be used; one line that says what to do.
package struct StateFileError: Error, Equatable, Sendable {
    /// What is wrong.
    package enum Reason: Equatable, Sendable {
        /// Something cannot be made, opened, locked or read.
        case unusable(SocketError)
        /// A process has it, whose number is known unless it is just starting.
        case inUse(process: Int32?)
        /// The file is none of Rookery's.
        case foreign
        /// A later Rookery has written it.
        case unknownVersion(UInt8)
        /// The bytes are not those that were written.
        case damaged
        case otherNode(NodeID, expected: NodeID)
        /// A write failed; what is on the disk is not known, and nothing is written any more.
        case unwritable(SocketError)
        /// The state would be larger than what is read again.
        case tooLarge(limit: Int)
    }

    /// The `data.directory` of the configuration.
    package let path: String
    package let reason: Reason

    /// Whether a process has the folder, which may be about to end.
    package var isOfUse: Bool {
        if case .inUse = reason { true } else { false }
    }
}

extension StateFileError: CustomStringConvertible {
    package var description: String { "data.directory \(path): \(reason)" }
}

extension StateFileError.Reason: CustomStringConvertible {
    private static let startAnew =
        "keep the folder for whoever looks into it, and start with another node.name and folder"

    package var description: String {
        switch self {
        case .unusable(let error): "\(error)"
        case .inUse(let process):
            "in use by \(process.map { "process \($0)" } ?? "another process");"
                + " stop that one, or give each node a folder of its own"
        case .foreign:
            "the file state is not one of Rookery's; give the node a folder of its own"
        case .unknownVersion(let version):
            "the file state is of version \(version), written by a later Rookery; start that one"
        case .damaged: "the file state is damaged; \(Self.startAnew)"
        case .otherNode(let found, let expected):
            "the state is that of \(found) and not of \(expected);"
                + " correct node.name, or give each node a folder of its own"
        case .unwritable(let error): "the state cannot be written: \(error)"
        case .tooLarge(let limit): "the state is larger than \(limit) bytes"
        }
    }
}
