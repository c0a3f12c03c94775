import Transport

extension ControlPlane {
    /// Whether the loops of this node turn.
    var loopHealth: LoopHealth {
        LoopHealth(shards.map(\.loop), limit: configuration.health.loopTime)
    }

    func makeHealth(
        _ driver: ClusterDriver,
        _ drainer: Drainer,
        _ questions: PeerQuestions
    ) -> HealthService {
        HealthService(
            loops: loopHealth,
            driver: driver,
            drainer: drainer,
            questions: questions,
            shards: shards,
            configuration: configuration,
            loop: loop,
            log: log,
            isStopping: { [weak self] in self?.isStopping ?? true }
        )
    }
}
