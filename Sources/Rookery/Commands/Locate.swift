import Foundation
import Node

/// Runs `rook locate`: asks one node where an object lives and prints it.
func runLocate(_ options: LocateOptions) async throws -> ExitStatus {
    let json = try await options.admin.client().get(ObjectLocation.path(of: options.key))
    if options.isJSON {
        print(String(decoding: json, as: UTF8.self))
    } else {
        let location = try JSONDecoder().decode(ObjectLocation.self, from: Data(json))
        print(location.text, terminator: "")
    }
    return .done
}
