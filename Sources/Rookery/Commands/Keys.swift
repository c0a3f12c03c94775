import Node

/// Runs `rook keys rotate`: one step, and what to do before the next.
func runKeys(_ options: KeysOptions) -> ExitStatus {
    var random = SystemRandomNumberGenerator()
    do throws(KeyRotation.Problem) {
        let step = try KeyRotation.advance(options.path, adding: .random(using: &random))
        say("\(options.path): \(step.account)")
        return .done
    } catch {
        printError("rook: \(options.path) \(error)")
        return .failed
    }
}

extension KeyRotation.Step {
    fileprivate var account: String {
        switch self {
        case .added:
            """
            step 1 of 3, a new secret stands behind the old one.
            Copy this very file to every node and restart them one by one. Then run this again.
            """
        case .promoted:
            """
            step 2 of 3, the new secret stands in front, and the old one is still taken.
            Copy this very file to every node and restart them one by one. Then run this again.
            """
        case .retired:
            """
            step 3 of 3, the old secret is gone.
            Copy this very file to every node and restart them one by one.
            """
        }
    }
}
