import Primitives
import Queues

/// Looks for what the promise excludes, in what nodes tell each other anyway.
///
/// It proves nothing when it finds nothing. What it finds is certain as far as the nodes told the
/// truth: a look that only might be of two moments is no finding.
struct ImpossibleWatch: Sendable {
    /// Objects whose owners are remembered; of more the earliest are forgotten.
    static let objectsMax = 8_192

    enum Finding: Hashable, Sendable {
        /// A process has told of an earlier view than before.
        case epochWentBack(node: String, from: UInt64, to: UInt64)
        /// Two nodes compute other owners from a view of one number.
        case twoRings(epoch: UInt64, nodes: [String])
        /// Two nodes had an instance of one name at the same time.
        case twoOwners(ObjectKey, nodes: [String])
    }

    /// What a process told last.
    private struct Standing: Sendable {
        var epoch: UInt64
        var incarnation: UInt64
        var uptimeSeconds: Double
    }

    private var standings: [String: Standing] = [:]
    private var lives: [ObjectKey: [Life]] = [:]
    /// The objects in the order in which they were first seen.
    private var order = Deque<ObjectKey>()
    /// What was found already: each is told once.
    private var found: Set<Finding> = []
    /// More different findings than anybody reads are not told.
    static let findingsMax = 256

    private mutating func note(_ finding: Finding) -> [Finding] {
        guard found.count < Self.findingsMax, found.insert(finding).inserted else { return [] }
        return [finding]
    }
}

// MARK: - Views

extension ImpossibleWatch {
    /// What nodes say of where they stand; those that did not answer say nothing.
    mutating func hear(_ nodes: [NodeReport]) -> [Finding] {
        var findings: [Finding] = []
        for node in nodes {
            guard let figures = node.figures, let incarnation = figures.incarnation else {
                continue
            }
            let now = Standing(
                epoch: figures.epoch,
                incarnation: incarnation,
                uptimeSeconds: figures.uptimeSeconds
            )
            // A later run may have lost its state, and an earlier answer may come later.
            if let last = standings[node.name], now.incarnation == last.incarnation,
                now.uptimeSeconds >= last.uptimeSeconds, now.epoch < last.epoch
            {
                findings += note(
                    .epochWentBack(node: node.name, from: last.epoch, to: now.epoch)
                )
            }
            standings[node.name] = now
        }
        let names = Set(nodes.map(\.name))
        standings = standings.filter { names.contains($0.key) }
        return findings + rings(nodes)
    }

    /// The first two nodes that differ, of each epoch.
    private mutating func rings(_ nodes: [NodeReport]) -> [Finding] {
        var first: [UInt64: (name: String, ring: String)] = [:]
        var findings: [Finding] = []
        for node in nodes {
            // Without a view nobody owns anything, whatever the key.
            guard let figures = node.figures, figures.epoch > 0 else { continue }
            guard let other = first[figures.epoch] else {
                first[figures.epoch] = (node.name, figures.ringHash)
                continue
            }
            guard other.ring != figures.ringHash else { continue }
            findings += note(.twoRings(epoch: figures.epoch, nodes: [other.name, node.name]))
        }
        return findings
    }
}

// MARK: - Objects

extension ImpossibleWatch {
    /// One look at a live instance, which was there at some moment from `asked` to `answered`.
    struct Sighting: Sendable {
        let key: ObjectKey
        let node: String
        /// When the instance was woken, by its node's clock: so two of one node are told apart.
        let since: UInt64
        let asked: Instant
        let answered: Instant
    }

    /// An instance, and the time for which it is certain that it was there.
    fileprivate struct Life: Sendable {
        let node: String
        let since: UInt64
        /// It was there no later than this, and not known to be there earlier.
        let first: Instant
        /// It was still there at this time; before `first` after one look alone.
        var last: Instant

        /// Whether a sighting is of this instance: its age is counted to a few milliseconds.
        func isSeen(in sighting: Sighting) -> Bool {
            node == sighting.node && max(since, sighting.since) - min(since, sighting.since) <= 10
        }

        func overlaps(_ other: Life) -> Bool { max(first, other.first) <= min(last, other.last) }
    }

    /// Takes what lists of objects have shown.
    mutating func see(_ sighting: Sighting) -> [Finding] {
        var lives = lives[sighting.key] ?? []
        if lives.isEmpty { remember(sighting.key) }
        // An instance of the same node that is another one: the former has ended.
        lives.removeAll { $0.node == sighting.node && !$0.isSeen(in: sighting) }
        if let index = lives.firstIndex(where: { $0.isSeen(in: sighting) }) {
            lives[index].last = max(lives[index].last, sighting.asked)
        } else {
            // Only the two latest can contradict each other.
            if lives.count == 2 { lives.removeFirst() }
            lives.append(
                Life(
                    node: sighting.node,
                    since: sighting.since,
                    first: sighting.answered,
                    last: sighting.asked
                )
            )
        }
        self.lives[sighting.key] = lives
        guard lives.count == 2, lives[0].overlaps(lives[1]) else { return [] }
        return note(.twoOwners(sighting.key, nodes: lives.map(\.node).sorted()))
    }

    private mutating func remember(_ key: ObjectKey) {
        order.append(key)
        guard order.count > Self.objectsMax else { return }
        if let earliest = order.popFirst() { lives[earliest] = nil }
    }
}

extension ImpossibleWatch.Finding {
    /// Whom it is about, where that is one node.
    var node: String? {
        switch self {
        case .epochWentBack(let node, _, _): node
        case .twoRings, .twoOwners: nil
        }
    }

    var text: String {
        switch self {
        case .epochWentBack(let node, let from, let to):
            "\(node) has gone back from view \(from) to view \(to)"
        case .twoRings(let epoch, let nodes):
            "\(nodes.joined(separator: " and ")) compute other owners in the same view \(epoch)"
        case .twoOwners(let key, let nodes):
            "\(nodes.joined(separator: " and ")) had an instance of \(key) at the same time"
        }
    }

    var fields: [String: String] {
        switch self {
        case .epochWentBack(_, let from, let to):
            ["finding": "epoch_went_back", "from": "\(from)", "to": "\(to)"]
        case .twoRings(let epoch, let nodes):
            ["finding": "two_rings", "epoch": "\(epoch)", "nodes": nodes.joined(separator: ",")]
        case .twoOwners(let key, let nodes):
            [
                "finding": "two_owners", "class": key.className, "name": key.name,
                "nodes": nodes.joined(separator: ","),
            ]
        }
    }

    /// The counter.
    var reason: StaticString {
        switch self {
        case .epochWentBack: "impossible_epoch_went_back"
        case .twoRings: "impossible_two_rings"
        case .twoOwners: "impossible_two_owners"
        }
    }
}
