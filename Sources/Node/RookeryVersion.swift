import Deflate

/// Which Rookery this is.
package enum RookeryVersion {
    /// As semver.org has it: before 1.0.0 a new minor version may break an old configuration.
    package static let current = "0.1.0"

    /// What this build can do that another one of the same version may lack.
    package static let features =
        DeflateSupport.isBuiltIn ? "with compression" : "without compression"
}
