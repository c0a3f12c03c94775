import Node

/// Runs `rook check-config`: one line when all is well, and one for each warning.
func runCheckConfiguration(path: String) throws(ConfigurationError) -> ExitStatus {
    let loaded = try NodeConfiguration.load(path: path)
    for warning in loaded.warnings { printError("warning: \(warning)") }
    let keys = loaded.keyCount == 1 ? "key" : "keys"
    print("\(path): ok, \(loaded.keyCount) \(keys) set")
    return .done
}
