import Cluster

/// The limits of one node's objects.
struct HostSettings {
    var inboxEventsMax = 16_384
    var socketsPerObjectMax = 32_768
    /// Objects on one loop, those that sleep with open sockets included.
    ///
    /// More is memory; fewer is refusals with 503.
    var objectsMax = 1_000_000
    /// How old a turn of the loop may be for a message to be handled where it was read.
    ///
    /// More is less work for busy objects; less is quicker for everybody else on the loop.
    var promptTime = Duration.milliseconds(5)
    /// How long an object without events stays in memory.
    var idleTime = Duration.seconds(10)
    /// How long `init` and `start` of an instance may take together.
    var makingTime = Duration.seconds(30)
    /// How long the events in work, and what an instance does when it leaves, may take when an
    /// object has to go.
    var drainTime = Duration.seconds(5)
    /// How long a request waits for an object that may not run.
    var requestTime = Duration.seconds(10)
    /// How long a session does.
    var parkedTime = Duration.seconds(30)
    /// What the node keeps of objects beside their instances.
    var records = RecordBook.Settings()
    /// What records of other nodes may take in the memory of a node; each loop has its share of it,
    /// and at least 16 MiB, so that the largest record fits.
    var recordBytesMax = 256 << 20
    /// Alarms of the objects of a node; each loop has its share of them.
    var alarmsMax = 1_000_000
    /// How long `setAlarm` waits for a second node to have the alarm.
    var alarmPatience = Duration.seconds(1)
    /// What a hand-over has at least, however long the last events took.
    var handOverTimeMin = Duration.milliseconds(500)
    /// Events that an instance whose class interleaves may have begun and not ended.
    var eventsInWorkMax = 1_024
    /// Work that one instance may have begun by `waitUntil` and that is not done.
    var backgroundWorkMax = 1_024
    /// How long such work keeps an instance in memory.
    var backgroundWorkTime = Duration.seconds(900)
    /// Objects on one loop of which is known that they could not be made.
    var failuresMax = 4_096
    /// How long such an object is left alone at first.
    var failureDelay = ActivationBackOff.delayMin
    /// Nil but in tests.
    var observer: (any InstanceObserver)?
}

extension HostSettings {
    /// The settings of one of so many loops of a node.
    func shared(among loopCount: Int) -> HostSettings {
        var share = self
        share.records.copyBytesMax = max(16 << 20, recordBytesMax / max(1, loopCount))
        share.records.alarmsMax = max(1, alarmsMax / max(1, loopCount))
        return share
    }
}
