import Node
import Testing

@Suite struct SupervisorWordTests {
    @Test(arguments: [
        (SupervisorWord.ready(status: "it serves"), "READY=1\nSTATUS=it serves"),
        (.reloading(at: 17), "RELOADING=1\nMONOTONIC_USEC=17"),
        (
            .stopping(status: "bye", patience: .milliseconds(2_500)),
            "STOPPING=1\nSTATUS=bye\nEXTEND_TIMEOUT_USEC=2500000"
        ),
        (.alive, "WATCHDOG=1"),
        (.ready(status: "one\nWATCHDOG=1"), "READY=1\nSTATUS=one WATCHDOG=1"),
    ])
    func `a word is lines of assignments`(_ word: SupervisorWord, _ text: String) {
        #expect(word.text == text)
    }

    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"], ["NOTIFY_SOCKET": "vsock:2:1"],
        ["WATCHDOG_USEC": "1000000"],
    ])
    func `nobody waits for word`(_ environment: [String: String]) {
        #expect(SupervisorAddress(environment: environment, process: 7) == nil)
    }

    @Test(
        arguments: [
            ([:], nil), (["WATCHDOG_USEC": "3000000"], Duration.seconds(3)),
            (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"], .seconds(3)),
            (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-1"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
        ] as [([String: String], Duration?)]
    )
    func `a watchdog asks in microseconds, and only this process`(
        _ variables: [String: String],
        _ time: Duration?
    ) throws {
        let environment = variables.merging(["NOTIFY_SOCKET": "/run/notify"]) { $1 }
        let address = try #require(SupervisorAddress(environment: environment, process: 7))
        #expect(address.path == "/run/notify")
        #expect(address.watchdogTime == time)
    }
}
