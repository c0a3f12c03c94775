import Primitives
import Transport

/// Looks at all that a node needs, before it is started or while it runs.
package struct Doctor {
    private let configuration: NodeConfiguration
    private let name: NodeID
    private var findings: [DoctorFinding] = []

    /// Reads the configuration as `serve` does, and looks at everything in order.
    ///
    /// It asks the seeds, which takes 2 s where one of them does not answer. It changes nothing but a
    /// file in `data.directory` for a moment.
    package static func examine(path: String?, overrides: [String]) async -> DoctorReport {
        let place = path ?? "the defaults"
        do throws(ConfigurationError) {
            let loaded = try NodeConfiguration.load(path: path, overrides: overrides)
            let found = "\(place): \(loaded.keyCount) keys set"
            let configuration = loaded.configuration
            guard let name = configuration.nodeID else {
                let none = DoctorFinding.failure("name", "\(StartError.noName)", "set node.name")
                return DoctorReport([.ok("configuration", found), none])
            }
            var doctor = Doctor(configuration: configuration, name: name)
            doctor.findings.append(.ok("configuration", found))
            await doctor.examine()
            return DoctorReport(doctor.findings)
        } catch {
            let remedy = "correct that line; `\(ProgramName.current) check-config` reads it again"
            return DoctorReport([.failure("configuration", "\(error)", remedy)])
        }
    }

    private init(configuration: NodeConfiguration, name: NodeID) {
        self.configuration = configuration
        self.name = name
    }

    private mutating func examine() async {
        let status = await runningStatus()
        add(DoctorChecks.user())
        findings.append(DoctorChecks.secret(configuration))
        findings += DoctorChecks.ports(configuration, running: status != nil)
        findings.append(DoctorChecks.advertised(configuration))
        findings += DoctorChecks.folder(configuration, name)
        examineMachine()
        if let status {
            findings.append(
                .ok("name", "\(name) runs, and answers at \(configuration.admin.listen)")
            )
            let outside = DoctorChecks.membership(of: name.name, status, configuration)
            add(outside)
            findings += DoctorChecks.links(of: name.name, status)
            findings += DoctorChecks.clocks(status)
            if outside != nil { await examineSeeds(whileRunning: true) }
        } else {
            await examineSeeds(whileRunning: false)
        }
    }

    private mutating func add(_ finding: DoctorFinding?) {
        if let finding { findings.append(finding) }
    }

    private mutating func examineMachine() {
        let facts = MachineFacts.now
        findings.append(DoctorChecks.descriptors(facts, configuration))
        findings.append(DoctorChecks.memory(facts, configuration))
        findings.append(DoctorChecks.cores(facts, configuration))
        findings.append(DoctorChecks.clock(facts))
        add(DoctorChecks.listenQueue(facts))
        add(DoctorChecks.outgoingPorts(facts, configuration))
        add(DoctorChecks.swap(facts))
        add(DoctorChecks.overcommit(facts))
    }

    /// The state of the cluster, by the node of this configuration; nil where it does not run.
    private func runningStatus() async -> StatusReport? {
        let client = AdminClient(
            address: configuration.admin.listen.reachable,
            token: configuration.admin.token
        )
        guard let json = try? await client.get("/cluster/status"),
            let report = try? StatusReport(json: json), report.node == name.name
        else { return nil }
        return report
    }

    // MARK: - The others

    private mutating func examineSeeds(whileRunning isRunning: Bool) async {
        let own = configuration.peer.advertise ?? configuration.peer.listen
        var others: [SocketAddress] = []
        for seed in configuration.seeds {
            let found = SeedResolver.addresses(of: seed, for: own, kernel)
            add(DoctorChecks.resolution(seed, found))
            for address in found where address != own && !others.contains(address) {
                others.append(address)
            }
        }
        guard !others.isEmpty else {
            return findings.append(.ok("seeds", "none to ask: the node is a cluster by itself"))
        }
        let outcome: SeedProbe.Outcome
        do {
            outcome = try await ask(others, as: own)
        } catch {
            return findings.append(.failure("seeds", "\(error)", "see the other findings"))
        }
        for address in others {
            let answers = outcome.verdicts[address] != nil
            findings.append(
                DoctorChecks.seed(
                    address,
                    outcome.links[address] ?? .unreachable("no answer in time"),
                    // Answers of voters that a seed has asked go to `peer.listen`, which the node has.
                    answersByUDP: isRunning && !answers ? nil : answers
                )
            )
        }
        if !isRunning { conclude(outcome, own) }
    }

    /// What the answers say of the name and of the way back.
    private mutating func conclude(_ outcome: SeedProbe.Outcome, _ own: SocketAddress) {
        let verdicts = outcome.verdicts.sorted { "\($0.key)" < "\($1.key)" }.map(\.value)
        add(DoctorChecks.nameInUse(name, verdicts))
        guard !outcome.verdicts.isEmpty else { return }
        findings.append(
            .ok(
                "way back",
                "by UDP as above; that the others can dial \(own) by TCP shows when the node runs:"
                    + " then run this again"
            )
        )
    }

    private func ask(
        _ others: [SocketAddress],
        as own: SocketAddress
    ) async throws -> SeedProbe.Outcome {
        let identity = try NodeIdentity(
            id: name,
            address: own,
            after: nil,
            at: kernel.wallTime,
            configuration
        )
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        let local = configuration.peer.listen
        return await withCheckedContinuation { continuation in
            loop.execute {
                SeedProbe.begin(identity, from: local, to: others, on: loop) {
                    continuation.resume(returning: $0)
                }
            }
        }
    }
}

extension SocketAddress {
    /// Where a listener on every address is asked from its own machine.
    fileprivate var reachable: SocketAddress {
        isUnspecified ? SocketAddress.loopback(port: port) : self
    }
}
