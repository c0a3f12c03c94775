import Cluster
import Placement
import Primitives

/// What of a node outlives its processes.
struct SimulatedNode {
    let number: Int
    let address: SocketAddress
    let clock: DriftingClock
    var disk = SimulatedDisk()
    var weight = PlacementMember.weightNormal
    /// What its process can run.
    var classes = ClassSet.any
    /// How many processes there were.
    var processCount: UInt64 = 0
    /// How often the disk was replaced: each time the node gets another name.
    var diskCount = 0
    var process: SimulatedProcess?
    var frozenUntil = Instant.zero
    /// Whether the next process can prove that the one before it is dead.
    var provesDeath = true
    /// For a second process of a node: which one, and its name.
    var original: (number: Int, name: String)?
    /// A second process was a member under its name: its disk is an older copy from then on.
    var isOvertaken = false
    /// There for second processes only.
    var isSpare = false

    var identity: Int { original?.number ?? number }

    var name: String {
        original?.name ?? (diskCount == 0 ? "n\(number)" : "n\(number)-\(diskCount)")
    }
}

// MARK: - Processes

extension ClusterSimulation {
    func startProcess(_ number: Int) {
        guard nodes[number].process == nil else { return }
        if nodes[number].isOvertaken { replaceDisk(of: number) }
        let restored: PersistentState?
        do {
            restored = try nodes[number].disk.load()
        } catch {
            // What is left of the file is refused; the operator gives the node another name.
            findings.refusedStateCount += 1
            transcript.note(at: now, "n\(number) finds its state refused: \(error)")
            replaceDisk(of: number)
            restored = nil
        }
        guard let id = NodeID(nodes[number].name) else { return }
        chooseProgram(of: number)
        nodes[number].processCount += 1
        let process = SimulatedProcess(
            of: nodes[number],
            id: id,
            restored: restored,
            world: self
        )
        nodes[number].process = process
        transcript.note(at: now, "\(id) starts as \(process.cluster.ownership.run)")
        process.start()
    }

    /// Now and then a node comes back with other classes, as in an upgrade.
    private func chooseProgram(of number: Int) {
        guard !programs.isEmpty, nodes[number].classes == .any || happens(0.3) else { return }
        let first = Int.random(in: programs.indices, using: &generator)
        nodes[number].classes = programs[first]
        transcript.note(at: now, "n\(number) has program \(first)")
    }

    private func replaceDisk(of number: Int) {
        nodes[number].disk.wipe()
        nodes[number].diskCount += 1
        nodes[number].isOvertaken = false
    }

    /// Notes which nodes have become those of a second process, and which of them have come back.
    func noteOvertaken(in view: OwnershipView) {
        for number in nodes.indices where nodes[number].isOvertaken {
            guard let run = nodes[number].process?.cluster.ownership.run, view.contains(run),
                !lostNames.contains(run.id.name)
            else { continue }
            nodes[number].isOvertaken = false
        }
        for spare in nodes where spare.isSpare {
            guard let process = spare.process, let original = spare.original,
                view.contains(process.cluster.ownership.run),
                nodes[original.number].name == original.name
            else { continue }
            nodes[original.number].isOvertaken = true
        }
    }

    /// What a second process has promised as a voter its disk has, to which nobody comes back.
    private func noteLoss(of process: SimulatedProcess) {
        guard let view = checker.ledger.latest, view.voters.contains(process.id),
            view.contains(process.cluster.ownership.run)
        else { return }
        lostNames.append(process.id.name)
    }

    /// The process of a node is gone, and with it all that was not on disk.
    func endProcess(_ number: Int, areLinksClosed: Bool) {
        guard let process = nodes[number].process else { return }
        nodes[number].process = nil
        nodes[number].frozenUntil = .zero
        nodes[number].disk.crash(using: &generator)
        process.isEnded = true
        for session in process.sessions.keys.sorted() { checker.edgeDied(session) }
        dropConnections(of: number, process.number, areClosed: areLinksClosed)
        process.forgetEverything()
        guard !nodes[number].isSpare else { return noteLoss(of: process) }
        if !isDisturbed { clock.schedule(.start(number), at: now.advanced(by: .seconds(1))) }
    }
}
