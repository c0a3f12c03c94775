import Node
import Synchronization
import Testing

@Suite struct LogLevelsTests {
    private func words(_ levels: LogLevels, _ body: (Log) -> Void) -> [String] {
        let written = Mutex<[String]>([])
        body(
            Log(subsystem: "node", levels: levels) { line in written.withLock { $0.append(line) } }
        )
        return written.withLock(\.self).map { line in
            line.split(separator: " ").dropFirst().joined(separator: " ").filter { $0 != "\n" }
        }
    }

    @Test func `a part has its own level or that of all`() throws {
        let levels = try #require(LogLevels("warning, link=debug, object=error"))
        let written = words(levels) { log in
            for part in ["node", "link", "object"] {
                log.named(part).debug("one")
                log.named(part).warning("two")
            }
        }
        #expect(written == ["warning node two", "debug link one", "warning link two"])
    }

    @Test func `a log that is set anew writes so in all its parts`() throws {
        let levels = try #require(LogLevels("error, link=info"))
        let written = words(LogLevels(.notice)) { log in
            let (link, object) = (log.named("link"), log.named("object"))
            object.notice("before")
            link.info("before")
            log.set(levels, .text)
            object.notice("after")
            link.info("after")
            log.named("link").info("made later")
            log.set(LogLevels(.notice), .json)
            object.notice("JSON")
        }
        #expect(
            written.prefix(3) == [
                "notice object before", "info link after", "info link made later",
            ]
        )
        #expect(written.count == 4 && !written[3].hasPrefix("notice"))
    }

    @Test(arguments: ["notice", "info, link=debug", "error, cluster=debug, object=info"])
    func `levels are written as they are read`(_ text: String) {
        #expect(LogLevels(text)?.description == text)
    }
}
