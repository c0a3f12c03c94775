import Primitives

/// The times of the ownership protocol; every node of a cluster must have the same lease.
package struct OwnershipSettings: Equatable, Sendable {
    package static let leaseMin = Duration.milliseconds(500)
    package static let leaseMax = Duration.seconds(30)

    // MARK: - Leases

    /// For so long a voter promises to let nobody else run what a node runs; shorter takes over
    /// sooner and bears shorter stalls.
    package var lease: Duration
    /// The part of the lease, in thousandths, that its holder does not use; at least twice the
    /// rate error of the clocks that is allowed for.
    package var marginPerMille = 60
    /// Time between renewals; at most a third of the lease, so that one can be lost.
    package var renewInterval: Duration
    /// What is added to a fence, in thousandths, for the rate of the clocks.
    package var fenceSlackPerMille = 20
    /// A node that has not heard a voter for this many leases gets nothing more from it.
    package var unheardLeases = 2

    // MARK: - Views

    /// Changes that can wait are looked at after this, and up to twice that; longer makes fewer
    /// views of the same changes.
    package var batchInterval: Duration = .milliseconds(100)
    /// The first voter leads when the leader was silent for so long.
    package var leaderSilence: Duration
    /// Every further voter waits so much longer.
    package var leaderSilencePerRank: Duration
    /// An attempt to decide a view is given up when a majority has not answered after this; later
    /// attempts wait longer.
    package var proposalTimeout: Duration = .milliseconds(500)
    /// For so long a leader that cannot decide anything leaves it to others.
    package var abdication: Duration = .seconds(3)
    /// A view that was accepted and not decided for so long is finished by whoever knows it.
    package var undecidedMax: Duration = .seconds(1)
    /// A node that does not release for so long is refused its lease.
    package var releaseAlarm: Duration = .seconds(10)
    /// A wish to join or leave is forgotten when it is not repeated for so long.
    package var wishMemory: Duration = .seconds(1)
    /// A newcomer asks to join when it has links to all members, or to some of them after this: who
    /// gets a partition before its link to an edge lets the sessions of that edge wait.
    package var linkPatience: Duration = .seconds(1)
    /// A joiner's share grows by a quarter this long after everything was settled.
    package var warmUpInterval: Duration = .milliseconds(500)
    /// So long after a majority of the founders have met, the others are not waited for.
    package var foundingWait: Duration = .milliseconds(500)
    /// A suspect is looked at so long after its lease has lapsed at the leader, for the other
    /// voters may have granted it a little later.
    package var lapseGrace: Duration = .milliseconds(20)
    /// When more than one in so many members lapse at once, the leader waits one more lease.
    package var brakeShare = 3

    /// Everything else follows from the lease.
    package init(lease: Duration = .seconds(2)) {
        self.lease = lease
        renewInterval = lease / 4
        leaderSilence = min(.milliseconds(600), lease * 3 / 10)
        leaderSilencePerRank = min(.milliseconds(250), lease / 8)
    }

    /// How long a holder uses a lease, from when it asked.
    package var leaseAtHolder: Duration { lease * (1_000 - marginPerMille) / 1_000 }
}

/// Why settings cannot keep the promise.
package enum OwnershipSettingsError: Error, Equatable, Sendable {
    case leaseOutOfRange(Duration)
    case marginOutOfRange(perMille: Int)
    /// More than a third of the lease.
    case renewIntervalTooLong(Duration)
    /// Zero or negative; the name of the setting.
    case notPositive(String)
}

extension OwnershipSettings {
    /// Throws the first setting that breaks what the proof of the protocol rests on.
    package func validate() throws(OwnershipSettingsError) {
        guard (Self.leaseMin...Self.leaseMax).contains(lease) else {
            throw .leaseOutOfRange(lease)
        }
        guard (20...500).contains(marginPerMille) else {
            throw .marginOutOfRange(perMille: marginPerMille)
        }
        guard renewInterval * 3 <= lease else { throw .renewIntervalTooLong(renewInterval) }
        let positive: [(String, Duration)] = [
            ("renewInterval", renewInterval), ("batchInterval", batchInterval),
            ("leaderSilence", leaderSilence), ("leaderSilencePerRank", leaderSilencePerRank),
            ("proposalTimeout", proposalTimeout), ("undecidedMax", undecidedMax),
            ("releaseAlarm", releaseAlarm), ("wishMemory", wishMemory),
        ]
        for (name, duration) in positive where duration <= .zero { throw .notPositive(name) }
    }

    /// How long the holder of this fence is waited for on this node's clock.
    func wait(fence milliseconds: UInt32) -> Duration {
        let fence = Duration.milliseconds(Int64(milliseconds))
        return fence + fence * fenceSlackPerMille / 1_000 + .milliseconds(1)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up; saturates.
    var millisecondsRoundedUp: UInt32 {
        UInt32(clamping: (max(nanoseconds, 0) + 999_999) / 1_000_000)
    }
}
