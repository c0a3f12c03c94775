import Transport

extension [LoopBound<Shard>] {
    /// Asks every shard on its own loop; `completed` gets all the answers, on `loop`, in any order.
    func gather<Answer: Sendable>(
        on loop: EventLoop,
        _ ask: @escaping @Sendable (Shard) -> Answer,
        completed: @escaping ([Answer]) -> Void
    ) {
        gatherLater(on: loop) { shard, answered in
            answered(ask(shard))
        } completed: {
            completed($0)
        }
    }

    /// The same for shards that take their time: each answers once, on its own loop.
    func gatherLater<Answer: Sendable>(
        on loop: EventLoop,
        _ ask: @escaping @Sendable (Shard, @escaping (Answer) -> Void) -> Void,
        completed: @escaping ([Answer]) -> Void
    ) {
        let gathering = LoopBound(
            ShardGathering(missing: count, completed: completed),
            on: loop
        )
        for shard in self {
            shard.execute { shard in
                ask(shard) { answer in gathering.execute { $0.took(answer) } }
            }
        }
    }
}

/// The answers until they are all there.
private final class ShardGathering<Answer> {
    private var missing: Int
    private var answers: [Answer] = []
    private let completed: ([Answer]) -> Void

    init(missing: Int, completed: @escaping ([Answer]) -> Void) {
        self.missing = missing
        self.completed = completed
    }

    func took(_ answer: Answer) {
        answers.append(answer)
        missing -= 1
        if missing == 0 { completed(answers) }
    }
}
