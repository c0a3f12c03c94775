import Primitives

/// The number of one attempt to decide a view.
///
/// It names the run that attempts: a process that restarts can never repeat a ballot of its
/// predecessor with another view. Ballots begin anew with each epoch.
package struct Ballot: Hashable, Comparable, Sendable {
    package let round: UInt64
    package let proposer: NodeRun

    package init(round: UInt64, proposer: NodeRun) {
        self.round = round
        self.proposer = proposer
    }

    package static func < (first: Ballot, second: Ballot) -> Bool {
        (first.round, first.proposer) < (second.round, second.proposer)
    }
}

extension Ballot {
    func encode(to writer: inout ByteWriter) {
        writer.write(round)
        proposer.encode(to: &writer)
    }

    init(from reader: inout ByteReader) throws(ByteError) {
        round = try reader.uint64()
        proposer = try NodeRun(from: &reader)
    }
}

/// A view that a voter has accepted, decided or not.
package struct AcceptedView: Equatable, Sendable {
    package let ballot: Ballot
    package let view: OwnershipView

    package init(ballot: Ballot, view: OwnershipView) {
        self.ballot = ballot
        self.view = view
    }
}

extension AcceptedView {
    func encode(to writer: inout ByteWriter) {
        ballot.encode(to: &writer)
        view.encode(to: &writer)
    }

    init(from reader: inout ByteReader, hasClasses: Bool) throws(ByteError) {
        ballot = try Ballot(from: &reader)
        view = try OwnershipView(from: &reader, hasClasses: hasClasses)
    }
}

extension AcceptedView? {
    func encode(to writer: inout ByteWriter) {
        writer.write(UInt8(self == nil ? 0 : 1))
        self?.encode(to: &writer)
    }

    init(from reader: inout ByteReader, hasClasses: Bool = true) throws(ByteError) {
        self = try reader.flag() ? AcceptedView(from: &reader, hasClasses: hasClasses) : nil
    }
}
