import Cluster
import Membership
import Placement
import Primitives
import Transport
import Wire

// What the ownership decides.
extension ClusterDriver {
    func perform(_ action: OwnershipMachine.Action) {
        switch action {
        case .send(let bytes, let node, let address, let isOverLink):
            send(bytes, to: node, at: address, isOverLink: isOverLink)
        case .persist(let state, let number): persist(state, number)
        case .stop(let partitions): stop(partitions)
        case .leased(let instant): leased(until: instant)
        case .frozen: frozen()
        case .renamed(let run):
            activity.count("evictions_survived")
            log.warning(
                "this node was removed from the cluster and comes back",
                ["incarnation": "\(run.incarnation)"]
            )
        case .left:
            hasLeft = true
            log.notice("left the cluster")
            events.ended(.left)
        case .superseded:
            log.error(
                "another process runs under this node's name: this one stops",
                ["node": "\(identity.id)"]
            )
            events.ended(.superseded)
        case .refused(let reason): refused(reason)
        // The cluster machine keeps these for itself.
        case .entered, .reconsider, .wake: break
        }
    }

    private func send(
        _ bytes: [UInt8],
        to node: NodeID?,
        at address: SocketAddress,
        isOverLink: Bool
    ) {
        guard isOverLink else {
            // A node that has moved is found by the membership before a view says where it is.
            let current = node.flatMap { machine.swim.member($0)?.address } ?? address
            return socket.send(seal(bytes, for: .ownership), to: current)
        }
        guard let node, links.send(.ownership, bytes, to: node) else {
            return tally.count("ownership_without_link")
        }
    }

    private func persist(_ state: PersistentState, _ number: UInt64) {
        let driver = LoopBound(self, on: loop)
        file.write(state, number: number) { result in
            driver.execute { driver in
                switch result {
                case .success(let number): driver.step(.ownership(.persisted(number)))
                case .failure(let error): driver.diskFailed(error)
                }
            }
        }
    }

    private func diskFailed(_ error: StateFileError) {
        if throttle.allows("disk", at: loop.now) {
            log.error("the state cannot be kept: this node votes no more", ["error": "\(error)"])
        }
        tally.count("disk_failed")
        step(.ownership(.diskFailed))
    }

    private func stop(_ partitions: [PartitionID]) {
        activity.count("partitions_handed_over", by: UInt64(partitions.count))
        events.stop(PartitionSet(partitions)) { [weak self] in
            self?.step(.ownership(.drained(partitions)))
        }
    }

    private func leased(until instant: Instant) {
        if lease.remaining == nil {
            log.notice("has the lease")
            announce(.leaseGained(identity.id))
        }
        lease.extend(until: instant)
        events.leased()
    }

    private func frozen() {
        lease.drop()
        // Who is no member needs none.
        guard machine.ownership.isMember else { return }
        tally.count("leases_lost")
        log.warning("no majority of the voters answers: nothing runs here until one does")
        announce(.leaseLost(identity.id))
    }

    func placed(_ placement: ClusterMachine.Placement) {
        let view = placement.view
        var runs: [NodeID: Incarnation] = [:]
        for member in view.members { runs[member.id] = member.run.incarnation }
        let gone = routes.runs.keys.filter { runs[$0] != routes.runs[$0] }.sorted()
        let fenced = view.removed.count { removal in
            removal.fence > 0 && routes.runs[removal.run.id] == removal.run.incarnation
        }
        activity.count("fences_waited", by: UInt64(fenced))
        announce(ClusterNews(view, placement.placement, after: routes.view, routes.runs))
        var known = routes.known
        for member in view.members { known.note(member.classes) }
        routes = RouteTable(
            node: identity.id,
            view: placement.placement,
            runs: runs,
            ready: routes.ready,
            past: view.history.map(Owners.init(of:)),
            known: known
        )
        log.notice(
            "view",
            [
                "epoch": "\(view.epoch)", "members": "\(view.members.count)",
                "voters": view.voters.map(\.name).joined(separator: ","),
                "ring": StatusReport.hexadecimal(placement.placement.ringHash),
            ]
        )
        events.routed(routes)
        for node in gone where runs[node] == nil { dropIfGone(node) }
    }

    /// What a dead process has open here ends.
    ///
    /// One that was removed and lives comes back, and its clients keep their sockets; the sessions
    /// that it was the owner of have left it.
    private func dropIfGone(_ node: NodeID) {
        guard let member = machine.swim.member(node) else { return links.drop(node) }
        switch member.status {
        case .alive, .suspect: break
        case .dead, .left: links.drop(node)
        }
    }

    private func refused(_ reason: OwnershipMachine.Refusal) {
        tally.count("join_refused")
        if case .otherCluster(let address) = reason, machine.ownership.isMember {
            return log.error(
                "a node of another cluster is met, and two clusters never become one",
                ["address": "\(address)"]
            )
        }
        let text =
            switch reason {
            case .nameInUse: "another node that may be alive has this name: choose another one"
            case .clusterFull: "the cluster has as many members as it may have"
            case .tooManyClassSets:
                "with the classes of this node the members would run more than "
                    + "\(ClassGroups.countMax) different groups of classes"
            case .otherFounders(let address):
                "the node at \(address) was given other seeds: give all of them the same list"
            case .otherCluster(let address):
                "the node at \(address) is of another cluster than this node's state"
            case .diskFailed: "a new run needs a number on disk, and the disk has failed"
            }
        log.error("not a member", ["reason": text])
    }
}
