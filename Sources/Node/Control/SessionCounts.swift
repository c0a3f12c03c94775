import Placement
import Primitives

/// How far the sessions of all shards have come, put together.
struct SessionCounts {
    private var epoch = Epoch.none
    private var reports: [SessionReport?]

    init(shardCount: Int) { reports = Array(repeating: nil, count: shardCount) }

    mutating func enter(_ epoch: Epoch) { self.epoch = max(self.epoch, epoch) }

    mutating func take(_ report: SessionReport, from shard: Int) { reports[shard] = report }

    /// The view, and what is missing by owner; nil until every shard has spoken under the view.
    var whole: (Epoch, missing: [NodeID: PartitionSet])? {
        guard epoch > .none else { return nil }
        var missing: [NodeID: PartitionSet] = [:]
        for report in reports {
            guard let report, report.epoch >= epoch else { return nil }
            missing.merge(report.missing) { first, second in
                var both = first
                both.formUnion(second)
                return both
            }
        }
        return (epoch, missing)
    }
}

/// Calls once when so many things have happened.
final class Countdown {
    private var left: Int
    private let completed: () -> Void

    init(_ count: Int, _ completed: @escaping () -> Void) {
        left = count
        self.completed = completed
    }

    func count() {
        left -= 1
        if left == 0 { completed() }
    }
}
