import Cluster
import Placement
import Primitives
import Transport

/// Tells of the objects of all nodes, and has an instance go: asks the nodes that have them.
///
/// Lives on the control loop.
final class ObjectDirectory: ObjectOperations {
    /// A node that has not answered by then is left out of a list.
    static let patience = Duration.seconds(3)
    /// How long the end of an instance is waited for; less than `PeerQuestions.patience`, so that
    /// another node hears of it.
    static let removalPatience = Duration.milliseconds(700)
    /// Nodes that are asked for their objects at once: so many pages are in memory.
    static let askedAtOnceMax = 32

    private let node: NodeID
    private let driver: ClusterDriver
    private let questions: PeerQuestions
    private let shards: [LoopBound<Shard>]
    private let loop: EventLoop
    /// Everyone who may have objects, but for this node.
    private let others: () -> [NodeID]
    /// Looks at each node's page of a list that was asked for at that time.
    var seen: ((ObjectPage, NodeID, Instant) -> Void)?

    init(
        node: NodeID,
        driver: ClusterDriver,
        questions: PeerQuestions,
        shards: [LoopBound<Shard>],
        loop: EventLoop,
        others: @escaping () -> [NodeID]
    ) {
        self.node = node
        self.driver = driver
        self.questions = questions
        self.shards = shards
        self.loop = loop
        self.others = others
    }

    private var view: PlacementView { driver.machine.view }

    /// Answers what another node asks.
    func answer(
        _ question: PeerQuestion,
        _ answered: @escaping (PeerAnswer) -> Void
    ) {
        switch question {
        case .object(let key): inspectHere(key) { answered(.json($0)) }
        case .objects(let query):
            listHere(query) { page in answered(page.map { .bytes($0.encoded) } ?? .none) }
        case .remove(let key, let manner): removeHere(key, manner) { answered(.json($0)) }
        case .figures, .locate, .service, .health, .watch: answered(.none)
        }
    }
}

// MARK: - One object

extension ObjectDirectory {
    func inspect(_ key: ObjectKey, completed: @escaping (ObjectReport) -> Void) {
        let placement = ObjectPlacement(of: key, in: view)
        func complete(_ report: ObjectReport) {
            var report = report
            report.placement = placement
            completed(report)
        }
        guard let owner = view.owner(of: key), owner != node else {
            return inspectHere(key, complete)
        }
        let unknown = report(of: key, .unknown)
        questions.ask(.object(key), of: owner) { [questions] (report: ObjectReport?) in
            if let report { return complete(report) }
            // An earlier version knows where it is, at least.
            questions.ask(.locate(key), of: owner) { (location: ObjectLocation?) in
                complete(location.map { ObjectReport($0) } ?? unknown)
            }
        }
    }

    /// What this node says of an object, as its owner or not.
    private func inspectHere(_ key: ObjectKey, _ completed: @escaping (ObjectReport) -> Void) {
        guard view.owner(of: key) == node else { return completed(report(of: key, .unknown)) }
        let partition = view.partition(of: key)
        let isReady = driver.routes.ready.contains(partition)
        let isLeased = driver.lease.isValid
        let completed = LoopBound(completed, on: loop)
        let directory = LoopBound(self, on: loop)
        shards.shard(of: partition).execute { shard in
            let account = shard.account(of: key)
            directory.execute { directory in
                let state: ObjectReport.State =
                    if !isReady { .moving } else if !isLeased { .frozen } else {
                        account?.state ?? .idle
                    }
                completed.onLoop(directory.report(of: key, state, account))
            }
        }
    }

    private func report(
        of key: ObjectKey,
        _ state: ObjectReport.State,
        _ account: ObjectAccount? = nil
    ) -> ObjectReport {
        var usage = account?.usage
        usage?.edges = (account?.usage.edges ?? []).map { edge in
            var edge = edge
            let link = edge.node.flatMap { NodeID($0) }.flatMap(driver.links.roundTrip)
            edge.linkMilliseconds = link.map { $0.inSeconds * 1_000 }
            return edge
        }
        return ObjectReport(
            className: key.className,
            name: key.name,
            partition: view.partition(of: key).value,
            owner: view.owner(of: key)?.name,
            epoch: (account?.epoch ?? view.epoch).value,
            state: state,
            since: state == account?.state ? account?.since : nil,
            instance: account?.instance,
            usage: usage
        )
    }
}

// MARK: - All of them

extension ObjectDirectory {
    func list(_ query: ObjectQuery, completed: @escaping ([UInt8]) -> Void) {
        let gathering = ObjectGathering(query, of: [node] + others()) { [loop] page, unanswered in
            ObjectListText.write(
                page,
                for: query,
                unanswered: unanswered.map(\.name),
                on: loop,
                completed: completed
            )
        }
        let asked = loop.now
        gathering.ask = { [self] id, answered in
            func took(_ page: ObjectPage?) {
                if let page { seen?(page, id, asked) }
                answered(page)
            }
            guard id != node else { return listHere(query, took) }
            questions.askBytes(.objects(query), of: id) { bytes in
                took(bytes.flatMap { ObjectPage($0, of: id.name, limit: query.limit) })
            }
        }
        loop.schedule(after: Self.patience) { gathering.finish() }
        gathering.begin(atOnce: Self.askedAtOnceMax)
    }

    /// The objects of this node; nil when too many ask for them.
    private func listHere(_ query: ObjectQuery, _ completed: @escaping (ObjectPage?) -> Void) {
        let name = node.name
        shards.gatherLater(on: loop) { shard, answered in
            if !shard.host.scanner.scan(query, completed: answered) { answered(nil) }
        } completed: { (pages: [ObjectPage?]) in
            let answers = pages.compactMap { $0 }
            guard answers.count == pages.count else { return completed(nil) }
            var page = ObjectPage.merging(answers, for: query)
            for index in page.entries.indices { page.entries[index].node = name }
            completed(page)
        }
    }
}

// MARK: - Having an instance go

extension ObjectDirectory {
    func remove(
        _ key: ObjectKey,
        _ manner: ObjectRemoval.Manner,
        completed: @escaping (Result<ObjectRemoval, OperationRefusal>) -> Void
    ) {
        guard let owner = view.owner(of: key) else {
            return completed(.failure(.notNow("no member that runs the class owns anything")))
        }
        func took(_ removal: ObjectRemoval?) {
            guard let removal else {
                return completed(.failure(.notNow("\(owner), the owner, does not answer")))
            }
            completed(removal.refusal.map { .failure($0) } ?? .success(removal))
        }
        guard owner != node else { return removeHere(key, manner, took) }
        questions.ask(.remove(key, manner), of: owner, took)
    }

    private func removeHere(
        _ key: ObjectKey,
        _ manner: ObjectRemoval.Manner,
        _ completed: @escaping (ObjectRemoval) -> Void
    ) {
        let name = node.name
        var isAnswered = false
        func answer(_ outcome: ObjectRemoval.Outcome) {
            guard !isAnswered else { return }
            isAnswered = true
            driver.announce(ClusterNews(key, manner, outcome))
            completed(
                ObjectRemoval(
                    className: key.className,
                    name: key.name,
                    node: name,
                    outcome: outcome
                )
            )
        }
        guard view.owner(of: key) == node else { return answer(.elsewhere) }
        driver.log.notice("an instance is to go", ["object": "\(key)", "how": manner.rawValue])
        loop.schedule(after: Self.removalPatience) { answer(.leaving) }
        let answered = LoopBound(answer, on: loop)
        shards.shard(of: view.partition(of: key)).execute { shard in
            shard.host.remove(key, manner) { outcome in
                answered.execute { $0(outcome) }
            }
        }
    }
}
