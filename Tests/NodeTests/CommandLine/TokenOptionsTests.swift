import Testing
import Wire

@testable import Node

@Suite struct TokenOptionsTests {
    private func parse(_ line: String) throws(UsageError) -> Command {
        try CommandLineParser.parse(line.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("", 3_600), (" --expires 1s", 1), (" --expires 15m", 900), (" --expires=2h", 7_200),
        (" --expires 366d", 31_622_400),
    ])
    func `a token is for a class, a name and a time`(option: String, seconds: Int) throws {
        var expected = TokenOptions(className: "Room", name: "lobby-*")
        expected.life = .seconds(seconds)
        #expect(try parse("token --class Room --name lobby-*" + option) == .token(expected))
        let token = try #require(expected.token(at: .milliseconds(1_500)))
        #expect(token.expires == UInt64(1 + seconds))
    }

    @Test(arguments: [
        "token", "token --class a", "token --name a", "token --class a --name a --expires 367d",
        "token --class a --name a --expires 0s", "token --class a --name a --expires 1",
        "token --class a --name a --expires -1h", "token --class a --name *********",
        "token --class a --name a --expires 9999999999h", "keys", "keys rotate", "keys turn file",
    ])
    func `anything else is wrong usage`(line: String) {
        #expect(throws: UsageError.self) { try parse(line) }
    }

    @Test func `keys names a file`() throws {
        #expect(try parse("keys rotate /etc/secret") == .keys(KeysOptions(path: "/etc/secret")))
    }
}
