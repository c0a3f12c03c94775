import Foundation
public import Primitives

/// What an instance gives to the one that comes after it on another node.
public struct Snapshot: Equatable, Sendable {
    /// The bytes of one snapshot, at most.
    public static let byteCountMax = 8 << 20

    public let bytes: [UInt8]

    /// Refused when it is longer than `byteCountMax`.
    public init(bytes: [UInt8]) throws(SnapshotError) {
        guard bytes.count <= Self.byteCountMax else {
            throw .tooLarge(byteCount: bytes.count, limit: Self.byteCountMax)
        }
        self.bytes = bytes
    }

    /// The value as JSON; the limit counts the JSON.
    public init(encoding value: some Encodable) throws {
        try self.init(bytes: Array(JSONEncoder().encode(value)))
    }

    /// The value that was encoded.
    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}

/// Why there can be no such snapshot.
public enum SnapshotError: Error, Equatable, Sendable {
    case tooLarge(byteCount: Int, limit: Int)
}

/// How an object came to this node from another one.
public struct TakeOver: Equatable, Sendable {
    /// True when the node before has handed it over; false when that node is gone.
    public let isPlanned: Bool
    /// The node that had it before, where that is known.
    public let node: NodeID?
    /// What the instance before gave, if it did and if the move was planned.
    public let snapshot: Snapshot?

    package init(isPlanned: Bool, node: NodeID?, snapshot: Snapshot?) {
        self.isPlanned = isPlanned
        self.node = node
        self.snapshot = snapshot
    }
}

/// Why an instance leaves memory.
public enum LeaveReason: Equatable, Sendable {
    /// There were no events for `HostSettings.idleTime`; sockets stay, and the next event makes a
    /// new instance on this node.
    case hibernating
    /// Another node has the object from now on.
    case moving
}
