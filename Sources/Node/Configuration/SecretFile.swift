import Foundation

/// The files that secrets stand in.
enum SecretFile {
    /// Who may read it besides its owner: the group and the others.
    private static let othersMayRead = 0o044

    /// The secrets of a file, one a line; empty lines and those that begin with `#` are none.
    static func secrets(at path: String, countMax: Int) throws(SecretFileProblem) -> [Secret] {
        guard let text = read(path, byteCountMax: ConfigurationFile.byteCountMax) else {
            throw .unreadable
        }
        guard mode(of: path) & othersMayRead == 0 else { throw .readableByOthers }
        var secrets: [Secret] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let secret = Secret(line) else { throw .tooShort(line: index + 1) }
            guard secrets.count < countMax else { throw .tooMany(limit: countMax) }
            secrets.append(secret)
        }
        guard !secrets.isEmpty else { throw .empty }
        return secrets
    }

    /// The text of a file; nil when it cannot be read, is too large or is not UTF-8.
    static func read(_ path: String, byteCountMax: Int) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        do {
            let data = try file.read(upToCount: byteCountMax + 1) ?? Data()
            return data.count <= byteCountMax ? String(data: data, encoding: .utf8) : nil
        } catch {
            return nil
        }
    }

    /// The file itself, where the path is that of a link.
    private static func target(of path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// The rights on a file, as `chmod` has them; all of them when they cannot be told.
    static func mode(of path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: target(of: path))
        return attributes?[.posixPermissions] as? Int ?? 0o777
    }

    /// Puts `text` in the place of a file, which has the same rights then; false, and nothing is
    /// changed, when that cannot be done.
    static func replace(_ path: String, by text: String) -> Bool {
        let place = target(of: path)
        let rights = mode(of: place)
        let fresh = place + ".new"
        let files = FileManager.default
        let made = files.createFile(
            atPath: fresh,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: rights]
        )
        guard made, unsafe rename(fresh, place) == 0 else {
            try? files.removeItem(atPath: fresh)
            return false
        }
        return true
    }
}
