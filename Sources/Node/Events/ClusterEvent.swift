import Foundation
import Primitives

/// One thing that happened in the cluster, for people who watch it: the JSON of
/// `GET /cluster/events` and of a line of `rook events --json`.
///
/// Later versions add kinds and fields; a reader shows what it does not know by its sentence.
package struct ClusterEvent: Codable, Equatable, Sendable {
    /// How much it asks of whoever reads it.
    package enum Level: String, Codable, Sendable {
        case notice
        /// It may need somebody.
        case warning
        /// It should never happen.
        case error
    }

    /// What has happened; `rawValue` is the word of the JSON.
    package enum Kind: String, CaseIterable, Sendable {
        /// Gossip thinks otherwise of a node: alive, suspect, dead or left.
        case member
        /// A later view was entered.
        case view
        case leaseGained = "lease-gained"
        case leaseLost = "lease-lost"
        /// A node goes out of service, or comes back: how far it is.
        case drain
        /// An operator has asked for another weight, a leave or a recovery.
        case operation
        /// An operator has had an instance go.
        case object
        /// Clients or peers were refused or cut off, summed up over a while.
        case refusals
        /// All nodes agree again, or not any more.
        case agreement
        /// Something that the promise excludes was seen.
        case impossible
        /// This reader has not got all events; it has no id.
        case missed
        /// This reader was too slow and is cut off; it has no id.
        case cutOff = "cut-off"
    }

    /// The run of the node that tells it and its number there; nil for what is told to one reader.
    package var id: String?
    /// When, by the clock of the node that saw it, in ISO 8601.
    package var time: String
    /// The node that it is about; that which sees it where it is about all.
    package var node: String
    /// The node with whose eyes it is seen.
    package var seenBy: String
    package var kind: String
    package var level: Level
    /// One sentence for people.
    package var text: String
    /// The same for programs.
    package var fields: [String: String]
}

extension ClusterEvent {
    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    /// On one line: JSON has no line breaks but for escaped ones.
    var json: [UInt8] {
        (try? JSON.bytes(of: self)) ?? []
    }

    /// What an event takes in a stream at most; a larger one loses its fields and the end of its text.
    static let bytesMax = 2 << 10
    /// Code points that are left of the text of one that is too large; each takes 6 bytes at most.
    static let cutTextLength = 256

    /// This event, or what fits of it.
    var bounded: ClusterEvent {
        guard streamText.count > Self.bytesMax else { return self }
        var event = self
        event.fields = [:]
        let cut = text.unicodeScalars.prefix(Self.cutTextLength)
        event.text = String(String.UnicodeScalarView(cut)) + "…"
        return event
    }

    /// Of the stream of `GET /cluster/events`: the event and an empty line.
    var streamText: [UInt8] {
        var text = Array((id.map { "id: \($0)\n" } ?? "").utf8)
        text += "event: \(kind)\ndata: ".utf8
        text += json
        text += "\n\n".utf8
        return text
    }
}

/// What a part of the node has to tell, before it has a number and a time.
struct ClusterNews: Equatable, Sendable {
    var kind: ClusterEvent.Kind
    var level = ClusterEvent.Level.notice
    /// Whom it is about; nil for this node.
    var node: NodeID?
    var text: String
    var fields: [String: String] = [:]
    /// It has happened to this very node: other nodes hear of it from here and tell it on.
    var isOwn = false
}
