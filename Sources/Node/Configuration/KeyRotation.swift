import Foundation

/// A change of a secret, one step after the other, each of them to be brought to all nodes.
///
/// A node signs with the first secret of its file and takes any. So a new one is known everywhere
/// before anybody signs with it, and the old one is removed when nobody does any more. The file
/// remembers in a comment how far it is.
package struct KeyRotation: Equatable, Sendable {
    /// What was done last.
    package enum Step: String, CaseIterable, Sendable {
        /// A new secret stands behind the old one.
        case added
        /// The new one stands in front.
        case promoted
        /// The old one is gone.
        case retired
    }

    /// Why a file is left as it is.
    package enum Problem: Error, Equatable, CustomStringConvertible {
        case file(SecretFileProblem)
        /// The step that it tells of would have left another number of secrets.
        case unexpectedCount(Int)
        case unwritable

        package var description: String {
            switch self {
            case .file(let problem): "\(problem)"
            case .unexpectedCount(let count): "holds \(count) secrets, which is none of the steps"
            case .unwritable: "cannot be written"
            }
        }
    }

    private static let mark = "# rook keys rotate: "

    package let step: Step
    /// The file after it.
    package let text: String

    /// The next step for a file with this `text`; `fresh` is the secret that is added.
    package init(after text: String, adding fresh: Secret) throws(Problem) {
        let lines = text.split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let secrets = lines.filter { !$0.hasPrefix("#") && !$0.isEmpty }
        let marks = lines.filter { $0.hasPrefix(Self.mark) }
        let last = marks.last.flatMap { Step(rawValue: String($0.dropFirst(Self.mark.count))) }
        let next: [String]
        switch (last ?? .retired, secrets.count) {
        case (.retired, 1):
            step = .added
            next = secrets + [fresh.base64]
        case (.added, 2):
            step = .promoted
            next = secrets.reversed()
        case (.promoted, 2):
            step = .retired
            next = [secrets[0]]
        case (_, let count): throw .unexpectedCount(count)
        }
        let comments = lines.filter { $0.hasPrefix("#") && !$0.hasPrefix(Self.mark) }
        let marked = step == .retired ? [] : [Self.mark + step.rawValue]
        self.text = (comments + marked + next).map { $0 + "\n" }.joined()
    }

    /// Takes the next step for the file at `path`, at once or not at all.
    package static func advance(_ path: String, adding fresh: Secret) throws(Problem) -> Step {
        do throws(SecretFileProblem) {
            _ = try SecretFile.secrets(at: path, countMax: ConfigurationFile.listCountMax)
        } catch {
            throw .file(error)
        }
        guard let text = SecretFile.read(path, byteCountMax: ConfigurationFile.byteCountMax)
        else { throw .file(.unreadable) }
        let rotation = try KeyRotation(after: text, adding: fresh)
        guard SecretFile.replace(path, by: rotation.text) else { throw .unwritable }
        return rotation.step
    }
}
