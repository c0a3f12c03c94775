/// The numbers of the failure detector; the defaults are for one data centre.
///
/// Every node of a cluster should have the same ones.
package struct SwimSettings: Equatable, Sendable {
    // MARK: - Probing

    /// Time between two probes; shorter finds deaths sooner and sends more, in proportion.
    package var probeInterval: Duration = .milliseconds(500)
    /// The least wait for a direct answer before others are asked to try.
    package var probeTimeoutMin: Duration = .milliseconds(100)
    /// The greatest such wait; must leave the helpers some of `probeInterval`.
    package var probeTimeoutMax: Duration = .milliseconds(400)
    /// The round trip assumed of a member that has not been measured yet.
    package var roundTripAssumed: Duration = .milliseconds(50)
    /// How many others are asked to ping a member that does not answer.
    package var helperCount = 3
    /// Traffic on the link as young as this counts as an answer; longer finds deaths later.
    package var linkEvidenceAge: Duration = .seconds(1)
    /// The worst score of the own health; the probe interval grows up to this plus one times.
    package var healthScoreMax = 8
    /// A timer later than this means that this process did not run; its deadlines move along.
    package var stallMin: Duration = .milliseconds(250)

    // MARK: - Suspicion

    /// The shortest suspicion is this times the probe interval times max(1, log10 of the members).
    package var suspicionFactor = 4
    /// The longest suspicion, which needs no confirmation, is this times the shortest.
    package var suspicionSpan = 6
    /// So many accusers besides the first bring a suspicion down to the shortest.
    package var confirmationCount = 2

    // MARK: - Gossip

    /// Time between two rounds of gossip, while there is news.
    package var gossipInterval: Duration = .milliseconds(100)
    /// How many members are told in one round.
    package var gossipFanOut = 3
    /// Each piece of news is sent at most this times the number of decimal digits of the members.
    package var retransmitFactor = 4

    // MARK: - Tables and contacts

    /// Time between two comparisons of tables, for up to 32 members; doubled members, one more.
    package var exchangeInterval: Duration = .seconds(15)
    /// Time between two calls at seeds or dead members that ought to be here.
    package var contactInterval: Duration = .seconds(10)
    /// The same while no other member is known.
    package var contactIntervalAlone: Duration = .seconds(1)
    /// How many are called at once while no other member is known.
    package var contactsAloneMax = 3
    /// For so long a dead member is called, and a dead or left one remembered if there is need of
    /// its place.
    package var departedMemory: Duration = .seconds(7 * 24 * 3_600)

    // MARK: - Limits

    /// Members in the table, the dead and the left included; more are refused.
    package var membersMax = 4_096
    /// Seed addresses; the ones behind are ignored.
    package var seedsMax = 256
    /// Pings in flight for others; more requests are dropped.
    package var relaysMax = 64
    /// Bytes of one datagram without the envelope, for which 128 of 1,200 are kept.
    package var datagramBytesMax = 1_072
    /// Bytes of one message on the link; a larger table goes in parts.
    package var streamBytesMax = 256 * 1_024

    package init() {}
}
