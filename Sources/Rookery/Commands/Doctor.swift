import Node

/// Runs `rook doctor`: 0 when the node can do its work, 1 when something is in its way.
func runDoctor(_ options: DoctorOptions) async throws -> ExitStatus {
    _ = DescriptorLimit.raise()
    let report = await Doctor.examine(
        path: options.configurationPath,
        overrides: options.overrides
    )
    if options.isJSON {
        print(String(decoding: try JSON.bytes(of: report), as: UTF8.self))
    } else {
        print(report.text, terminator: "")
    }
    return report.result == .failure ? .failed : .done
}
