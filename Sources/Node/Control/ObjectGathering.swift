import Primitives

/// The pages of several nodes on their way into one.
///
/// Lives on the control loop.
final class ObjectGathering {
    private let query: ObjectQuery
    /// Those that have yet to be asked, the first one last.
    private var left: [NodeID]
    private var asked: Set<NodeID> = []
    private var page = ObjectPage()
    private var unanswered: [NodeID] = []
    private var completed: ((ObjectPage, _ unanswered: [NodeID]) -> Void)?
    /// Asks one node; the closure is to be called once, with nil when there is no answer.
    var ask: ((NodeID, @escaping (ObjectPage?) -> Void) -> Void)?

    /// `completed` is called once.
    init(
        _ query: ObjectQuery,
        of nodes: [NodeID],
        completed: @escaping (ObjectPage, _ unanswered: [NodeID]) -> Void
    ) {
        self.query = query
        self.completed = completed
        left = nodes.reversed()
    }

    /// Asks so many of the nodes, and another one whenever one has answered.
    func begin(atOnce count: Int) {
        for _ in 0..<count { askNext() }
        finishIfWhole()
    }

    private func askNext() {
        guard let node = left.popLast() else { return }
        asked.insert(node)
        ask?(node) { self.took($0, from: node) }
    }

    private func took(_ answer: ObjectPage?, from node: NodeID) {
        guard asked.remove(node) != nil else { return }
        if let answer {
            page = ObjectPage.merging([page, answer], for: query)
        } else {
            unanswered.append(node)
        }
        askNext()
        finishIfWhole()
    }

    private func finishIfWhole() { if asked.isEmpty, left.isEmpty { finish() } }

    /// Goes on with what there is: who has not answered is left out.
    func finish() {
        guard let completed else { return }
        self.completed = nil
        unanswered += asked + left
        (asked, left) = ([], [])
        ask = nil
        completed(page, unanswered.sorted())
    }
}
