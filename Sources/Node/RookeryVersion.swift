/// Which Rookery this is.
package enum RookeryVersion {
    /// As semver.org has it: before 1.0.0 a new minor version may break an old configuration.
    package static let current = "0.1.0"
}
