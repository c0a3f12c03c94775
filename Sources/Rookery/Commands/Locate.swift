import Foundation
import Node

/// Runs `rook locate`: asks one node where an object lives and what it does, and prints it.
func runLocate(_ options: LocateOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    let json: [UInt8]
    do {
        json = try await client.get(ObjectReport.path(of: options.key))
    } catch AdminClientError.refused(_, status: 404, _) {
        // A node of an earlier version; or it knows no such class, and says so once more.
        return try await locateBriefly(options, client)
    }
    if options.isJSON {
        say(json)
    } else {
        let report = try ObjectReport(json: json)
        let text = report.text(
            now: .now,
            width: Terminal.isThere ? Terminal.width : .max,
            isColoured: Terminal.isColoured
        )
        show(text)
    }
    return .done
}

/// Only where it lives.
private func locateBriefly(
    _ options: LocateOptions,
    _ client: AdminClient
) async throws -> ExitStatus {
    let json = try await client.get(ObjectLocation.path(of: options.key))
    if options.isJSON {
        say(json)
    } else {
        let location = try JSONDecoder().decode(ObjectLocation.self, from: Data(json))
        show(location.text)
    }
    return .done
}
