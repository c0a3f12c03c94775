import Primitives

/// The right of this run to run anything, as far as the voters have confirmed it.
struct Lease: Sendable {
    private struct Request: Sendable {
        let number: UInt64
        let sentAt: Instant
        var voters: [NodeID] = []
    }

    /// So many requests can be answered; the ones before are too old to be of use.
    private static let requestsMax = 16

    /// Nothing may run from this instant on; nil while there is no lease.
    private(set) var until: Instant?
    private var requests: [Request] = []
    private var number: UInt64 = 0
    /// The latest request that each voter has answered.
    private var answers: [NodeID: UInt64] = [:]

    func isValid(at now: Instant) -> Bool {
        guard let until else { return false }
        return now < until
    }

    /// The number of a request that is sent now.
    mutating func request(now: Instant) -> UInt64 {
        number += 1
        if requests.count == Self.requestsMax { requests.removeFirst() }
        requests.append(Request(number: number, sentAt: now))
        return number
    }

    func latestAnswer(of voter: NodeID) -> UInt64 { answers[voter] ?? 0 }

    /// A number that was not asked for is not an answer.
    mutating func noteAnswer(to request: UInt64, of voter: NodeID) {
        guard request <= number else { return }
        answers[voter] = max(latestAnswer(of: voter), request)
    }

    /// Counts a grant; true when a majority of `quorum` voters has now prolonged the lease.
    mutating func noteGrant(
        of request: UInt64,
        by voter: NodeID,
        quorum: Int,
        length: Duration
    ) -> Bool {
        guard let index = requests.firstIndex(where: { $0.number == request }) else { return false }
        guard !requests[index].voters.contains(voter) else { return false }
        requests[index].voters.append(voter)
        guard requests[index].voters.count == quorum else { return false }
        let end = requests[index].sentAt.advanced(by: length)
        guard until.map({ $0 < end }) ?? true else { return false }
        until = end
        return true
    }

    /// Answers to what was asked before count no longer.
    mutating func forgetRequests() { requests = [] }

    /// The members and voters that are left have no memory of this run.
    mutating func drop() {
        until = nil
        requests = []
    }

    mutating func keepAnswers(of voters: [NodeID]) {
        answers = answers.filter { voters.contains($0.key) }
    }
}
