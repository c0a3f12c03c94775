import Primitives

// What tells operators of what happens in the cluster.
extension ControlPlane {
    /// Makes it, and lets the parts of the node tell it.
    func watchCluster(
        _ driver: ClusterDriver,
        _ questions: PeerQuestions,
        _ status: StatusService,
        _ objects: ObjectDirectory
    ) {
        let feed = EventFeed(node: name, loop: loop)
        let watch = ClusterWatch(
            feed: feed,
            questions: questions,
            status: status,
            shards: shards,
            log: log.named("events")
        )
        driver.announce = { [weak feed] in feed?.announce($0) }
        status.agreement = { [weak watch] in watch?.look(at: $0, $1) }
        status.clocks = { [weak watch] in watch?.clocks ?? [:] }
        objects.seen = { [weak watch] in watch?.look(at: $0, of: $1, askedAt: $2) }
        (events, self.watch) = (feed, watch)
    }
}
