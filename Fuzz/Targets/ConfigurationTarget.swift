import Node
import Primitives

extension FuzzTarget {
    /// What an operator writes.
    static let configuration = FuzzTarget(
        name: "configuration",
        summary: "the configuration file, and files of secrets that are rotated",
        seeds: {
            let defaults = ConfigurationKey.all.filter { !$0.isSecret }.map {
                "\($0.name) = \($0.text(in: NodeConfiguration()))"
            }
            let texts =
                defaults + [
                    defaults.prefix(12).joined(separator: "\n"), "# nothing\n\n",
                    "node.name = \"a\" # quoted\nseeds = a:1, [::1]:2\nlease = 3s",
                    "cluster.secret = " + String(repeating: "s", count: 40),
                    "# rook keys rotate: added\n" + String(repeating: "a", count: 32) + "\nb",
                ]
            return texts.map { Array($0.utf8) }
        },
        check: { bytes throws(Finding) in
            let text = String(decoding: bytes, as: UTF8.self)
            try checkFile(text)
            try checkRotation(text)
            try checkAddress(text)
        }
    )

    /// All that may be shown, with their defaults.
    private static let openKeys = ConfigurationKey.all.filter { !$0.isSecret }.map {
        ($0, $0.text(in: NodeConfiguration()))
    }

    /// An error is one line; what is taken means the same when it is written down.
    private static func checkFile(_ text: String) throws(Finding) {
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) {
            loaded = try NodeConfiguration.load(text: text, name: "fuzz.conf")
        } catch {
            let isOneLine = !error.description.contains(where: \.isNewline)
            try require(isOneLine, "an error of several lines: \(error)")
            return
        }
        for (key, usual) in openKeys {
            let value = key.text(in: loaded.configuration)
            // A default that stands for nothing cannot be set.
            guard value != usual else { continue }
            var again = loaded.configuration
            let isTaken = key.set(value, in: &again)
            try require(isTaken, "\(key.name) = \(value) is not taken")
            try require(again == loaded.configuration, "\(key.name) = \(value) is another value")
        }
    }

    private static func checkRotation(_ text: String) throws(Finding) {
        guard let fresh = Secret(String(repeating: "f", count: 40)),
            let rotation = try? KeyRotation(after: text, adding: fresh)
        else { return }
        let next: KeyRotation
        do throws(KeyRotation.Problem) {
            next = try KeyRotation(after: rotation.text, adding: fresh)
        } catch {
            throw Finding(description: "\(rotation) cannot go on: \(error)")
        }
        try require(next.step != rotation.step, "\(rotation), then \(next)")
    }

    private static func checkAddress(_ text: String) throws(Finding) {
        if let address = SocketAddress(text) {
            let again = SocketAddress(address.description)
            try require(again == address, "\(text) is \(address), which is \(again as Any)")
        }
        if let seed = SeedAddress(text) {
            let again = SeedAddress(seed.description)
            try require(again == seed, "\(text) is \(seed), which is \(again as Any)")
        }
    }
}
