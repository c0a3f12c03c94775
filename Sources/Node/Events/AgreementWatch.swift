/// Since when the nodes of the cluster agree, or not, as one of them sees it.
///
/// It is as exact as it is fed: a change that comes and goes between two looks is not seen.
struct AgreementWatch: Sendable {
    /// What was seen last; nil before the first look.
    private(set) var latest: Agreement?
    /// Disagreement that lasts no longer than this belongs to every change, and is no event.
    static let patienceMilliseconds: Int64 = 3_000
    private var told: Bool?
    /// Of the latest look: who agrees on another view agrees anew.
    private var epoch: UInt64?

    /// What it is worth an event to tell.
    enum Change: Equatable, Sendable {
        case agreed(Agreement)
        case disagreed(Agreement)
    }

    /// Takes a look at `time`, in milliseconds since 1970; what is to be told comes back.
    mutating func look(
        _ nodes: [NodeReport],
        _ view: StatusReport.View,
        at time: Int64
    ) -> Change? {
        let converged = StatusReport.haveConverged(nodes, on: view)
        let disagreeing = nodes.filter { !$0.agrees(with: view) }.map(\.name)
        let isSame = latest?.converged == converged && (!converged || epoch == view.epoch)
        let since = isSame ? latest?.since ?? time : time
        let agreement = Agreement(converged: converged, since: since, disagreeing: disagreeing)
        (latest, epoch) = (agreement, view.epoch)
        let isFirst = told == nil
        guard converged != told, converged || time - since >= Self.patienceMilliseconds else {
            return nil
        }
        told = converged
        // That a new node finds all in order is no news.
        if isFirst, converged { return nil }
        return converged ? .agreed(agreement) : .disagreed(agreement)
    }
}

/// Whether all nodes agree, since when, and who does not.
struct Agreement: Equatable, Sendable {
    var converged: Bool
    /// Milliseconds since 1970.
    var since: Int64
    /// Sorted; empty when what is missing are voters.
    var disagreeing: [String]
}
