import Foundation
import Node
import Wire

/// Runs `rook token`: one line, the token.
func runToken(_ options: TokenOptions) throws -> ExitStatus {
    let loaded = try NodeConfiguration.load(
        path: options.configurationPath,
        overrides: options.overrides
    )
    let secrets = loaded.configuration.client.tokenKey.map(\.bytes)
    guard let keyring = AccessKeyring(secrets: secrets) else {
        printError("rook: expected client.token_key or client.token_key_file (see --config)")
        return .configuration
    }
    let now = Duration.seconds(Int64(Date.now.timeIntervalSince1970))
    guard let token = options.token(at: now) else { return .usage }
    say(token.encode(with: keyring))
    return .done
}
