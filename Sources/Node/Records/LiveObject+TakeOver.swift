import Primitives

// What the first instance here learns of the one before it.
extension LiveObject {
    /// Puts it in front of all events.
    func takeOver() {
        let takeOver = host?.records.takeOver(
            of: key,
            hasBroughtSockets: object.isFirstLife && !object.sockets.isEmpty
        )
        guard let takeOver else { return }
        isTakingOver = true
        mailbox.prepend(.tookOver(takeOver))
    }

    /// The instance knows it, and nobody else needs it any more.
    func tookOver() {
        guard !isGone else { return }
        isTakingOver = false
        host?.records.tookOver(key)
    }
}
