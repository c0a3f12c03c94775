extension NodeMetrics {
    /// Each check of `/live`, `/ready` and `/startup`, and what they look at.
    mutating func writeHealth() {
        guard let health = figures.health else { return }
        let check = "rookery_health"
        output.begin(check, .gauge, "1 while the check passes, by its name.")
        for one in health.checks {
            output.sample(check, ["check": one.name.rawValue], one.passes ? 1 : 0)
        }
        let stall = "rookery_loop_stall_seconds"
        output.begin(stall, .gauge, "How long ago the event loop was last seen to turn.")
        for (index, seconds) in health.loopSeconds.enumerated() {
            output.sample(stall, ["loop": "\(index)"], seconds)
        }
        let success = "rookery_probe_success"
        output.begin(success, .gauge, "1 while the peer answers the probes of its object hosts.")
        for probe in health.probes {
            output.sample(success, ["peer": probe.node], probe.milliseconds == nil ? 0 : 1)
        }
        let time = "rookery_probe_seconds"
        output.begin(time, .gauge, "The last probe of the peer, by its slowest lane.")
        for probe in health.probes {
            guard let milliseconds = probe.milliseconds else { continue }
            output.sample(time, ["peer": probe.node], milliseconds / 1_000)
        }
    }
}
