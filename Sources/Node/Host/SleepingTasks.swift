/// The tasks of the objects of one loop that sleep in their mailboxes.
///
/// A task takes four kilobytes and more, even while it sleeps. So only some are kept; when another one
/// falls asleep, one that has not been awake lately goes, and its mailbox begins a new one with the
/// next event. Which one that is the hand of a clock finds (second chance; Corbató, "A Paging
/// Experiment with the Multics System", 1968). Lives on the loop.
final class SleepingTasks {
    /// So many are kept: what they take is about a megabyte.
    static let countMax = 256

    private var mailboxes: [Mailbox] = []
    private var hand = 0

    /// The task of `mailbox` falls asleep now.
    func note(_ mailbox: Mailbox) {
        mailbox.sleep.wasAwake = true
        guard !mailbox.sleep.isKept else { return }
        mailbox.sleep.isKept = true
        guard mailboxes.count == Self.countMax else { return mailboxes.append(mailbox) }
        turnHand()
        mailboxes[hand].sleep.isKept = false
        mailboxes[hand].dismiss()
        mailboxes[hand] = mailbox
    }

    /// To the next one that was not awake since the hand came by, once around at most.
    private func turnHand() {
        for _ in 0...Self.countMax {
            hand = (hand + 1) % Self.countMax
            guard mailboxes[hand].sleep.wasAwake else { return }
            mailboxes[hand].sleep.wasAwake = false
        }
    }
}
