import Primitives
import Testing

@testable import Node

@Suite struct CommandLineParserTests {
    private func parse(_ line: String) throws(UsageError) -> Command {
        try CommandLineParser.parse(line.split(separator: " ").map(String.init))
    }

    private func message(_ line: String) -> String {
        do {
            _ = try parse(line)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `serve takes a file and any number of settings, in order`() throws {
        var expected = ServeOptions()
        #expect(try parse("serve") == .serve(expected))
        expected.configurationPath = "a.conf"
        expected.overrides = ["a=1", "b=2"]
        #expect(try parse("serve --config a.conf --set a=1 --set=b=2") == .serve(expected))
        #expect(try parse("serve --set a=1 --config=a.conf --set b=2") == .serve(expected))
    }

    @Test func `cluster takes one to nine nodes`() throws {
        var expected = ClusterOptions()
        #expect(expected.nodeCount == 3)
        #expect(try parse("cluster") == .cluster(expected))
        for count in [1, 9] {
            expected.nodeCount = count
            #expect(try parse("cluster --nodes \(count)") == .cluster(expected))
        }
        for count in ["0", "10", "x", "-1"] {
            #expect(
                message("cluster --nodes=\(count)")
                    == "--nodes \(count): expected a number from 1 to 9"
            )
        }
    }

    @Test func `the ports of a cluster all fit`() throws {
        var expected = ClusterOptions()
        for port in [1_024, 63_000] as [UInt16] {
            expected.basePort = port
            #expect(try parse("cluster --base-port \(port)") == .cluster(expected))
        }
        for port in [1_023, 63_001, 70_000] {
            #expect(
                message("cluster --base-port \(port)")
                    == "--base-port \(port): expected a number from 1024 to 63000"
            )
        }
    }

    @Test(arguments: [
        ("", false), ("--set threads=2 --set client.token_key=x", false),
        ("--set cluster.secret=x", true), ("--set threads=2 --set cluster.secret_file=x", true),
        ("--set cluster.secret=", true), ("--set nonsense", false),
    ])
    func `a cluster whose secret is set makes none`(_ words: String, _ isSet: Bool) throws {
        guard case .cluster(let options) = try parse("cluster \(words)") else {
            Issue.record("another command")
            return
        }
        #expect(options.setsSecret == isSet)
    }

    @Test func `objects takes what a list is asked for by`() throws {
        var expected = ObjectsOptions()
        #expect(try parse("objects") == .objects(expected))
        expected.query.className = "Echo"
        expected.query.prefix = "a"
        expected.query.limit = 7
        #expect(
            try parse("objects --class Echo --prefix=a --limit 7") == .objects(expected)
        )
        expected = ObjectsOptions()
        expected.isAll = true
        expected.query.limit = 1_000
        #expect(try parse("objects --all") == .objects(expected))
        #expect(message("objects --limit 1001").contains("from 1 to 1000"))
        #expect(message("objects --sort size").contains("name, messages, cpu, sessions"))
        #expect(message("objects --all --sort cpu").contains("no meaning"))
        #expect(message("objects --cursor x").contains("expected the cursor"))
    }

    @Test func `top has the busiest by cpu, and twenty of them`() throws {
        var expected = TopOptions()
        #expect(expected.query.sort == .cpu)
        #expect(expected.query.limit == 20)
        #expect(try parse("top") == .top(expected))
        expected.query.sort = .messages
        expected.query.limit = 3
        expected.isWatched = true
        #expect(try parse("top --sort messages -n 3 -w") == .top(expected))
        #expect(message("top --sort name").contains("cpu, messages, sessions"))
    }

    @Test func `move and evict name an object`() throws {
        let key = try #require(ObjectKey(className: "Echo", name: "a"))
        #expect(try parse("move Echo a") == .remove(RemoveOptions(key, .move)))
        #expect(try parse("evict Echo a") == .remove(RemoveOptions(key, .evict)))
        #expect(message("move Echo").contains("needs a NAME"))
    }

    @Test func `status takes an address, a file and a form`() throws {
        var expected = StatusOptions()
        #expect(try parse("status") == .status(expected))
        expected.admin.address = SocketAddress("[::1]:9002")
        expected.isJSON = true
        expected.admin.configurationPath = "a.conf"
        #expect(
            try parse("status --json --admin [::1]:9002 --config a.conf") == .status(expected)
        )
        #expect(
            message("status --admin localhost:1")
                == "--admin localhost:1: expected an IP address and a port, such as 127.0.0.1:9001"
        )
    }

    @Test func `locate takes a class and a name, whatever is in them`() throws {
        var expected = LocateOptions(try #require(ObjectKey(className: "Room", name: "a/b c")))
        #expect(try CommandLineParser.parse(["locate", "Room", "a/b c"]) == .locate(expected))
        expected.isJSON = true
        expected.admin.address = SocketAddress("127.0.0.1:9002")
        expected.admin.token = Secret(token: "0123456789abcdef")
        let options = ["--json", "--admin=127.0.0.1:9002", "--token", "0123456789abcdef"]
        let words = ["locate", "Room"] + options + ["a/b c"]
        #expect(try CommandLineParser.parse(words) == .locate(expected))
        let dashed = LocateOptions(try #require(ObjectKey(className: "Room", name: "-x")))
        #expect(try parse("locate Room -- -x") == .locate(dashed))
        let long = String(repeating: "n", count: ObjectKey.nameByteCountMax + 1)
        let words1024 = "expected a class of 1 to 128 bytes and a name of 1 to 1024"
        #expect(message("locate Room \(long)") == words1024)
    }

    @Test func `a token that is too short is not repeated`() {
        #expect(
            message("leave --token hunter2")
                == "--token (secret): expected 16 to 1024 visible ASCII characters"
        )
    }

    @Test func `recover takes the survivors, each once`() throws {
        var expected = RecoverOptions()
        #expect(try parse("recover") == .recover(expected))
        expected.isForced = true
        expected.survivors = try ["a", "b"].map { try #require(NodeID($0)) }
        #expect(try parse("recover --force --members a,b") == .recover(expected))
        let spaced = ["recover", "--members", "a, b", "--force"]
        #expect(try CommandLineParser.parse(spaced) == .recover(expected))
        expected.isConfirmed = true
        #expect(try parse("recover --yes --force --members=a,b") == .recover(expected))
        for list in ["a,", "a,a", ",", "a,ö"] {
            #expect(
                message("recover --force --members=\(list)")
                    == "--members \(list): expected names of nodes with commas between, each once"
            )
        }
    }

    @Test func `a weight is a number, and asked for at one node`() throws {
        var expected = WeightOptions(250)
        #expect(try parse("weight 250") == .weight(expected))
        expected.isJSON = true
        expected.admin.address = SocketAddress("127.0.0.2:9001")
        #expect(try parse("weight --json --admin 127.0.0.2:9001 250") == .weight(expected))
        for weight in [1, 10_000] as [UInt16] {
            #expect(try parse("weight \(weight)") == .weight(WeightOptions(weight)))
        }
    }

    @Test func `a node is drained by its name, or the one that is asked`() throws {
        #expect(try parse("drain") == .drain(DrainOptions()))
        var expected = DrainOptions(node: NodeID("node-3"))
        expected.numbers = DrainNumbers(rate: "500/s", grace: "5s", deadline: "2m")
        let line = "drain node-3 --rate 500/s --grace 5s --deadline 2m"
        #expect(try parse(line) == .drain(expected))
        expected = DrainOptions(node: NodeID("node-3"))
        (expected.isUndone, expected.isJSON) = (true, true)
        #expect(try parse("drain --undo node-3 --json") == .drain(expected))
        #expect(try parse("cordon") == .cordon(CordonOptions()))
        #expect(try parse("uncordon b") == .uncordon(CordonOptions(node: NodeID("b"))))
    }

    @Test func `the other commands are as short as they look`() throws {
        #expect(try parse("check-config a.conf") == .checkConfiguration(path: "a.conf"))
        #expect(try parse("check-config -- --odd") == .checkConfiguration(path: "--odd"))
        #expect(try parse("secret") == .secret)
        #expect(try parse("--version") == .version)
        for line in ["help", "--help", "-h"] { #expect(try parse(line) == .help(nil)) }
    }

    @Test(arguments: CommandName.allCases)
    func `every command has help`(name: CommandName) throws {
        for line in ["help \(name.rawValue)", "\(name.rawValue) --help", "\(name.rawValue) -h"] {
            #expect(try parse(line) == .help(name))
        }
        let lines = HelpText.text(name).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 }, "\(lines)")
        #expect(HelpText.text(name).contains("Usage: \(ProgramName.current) \(name.rawValue)"))
    }

    /// A line that is not understood, and what is said about it.
    @Test(arguments: [
        ("", "expected a command; `\(ProgramName.current) help` lists them"),
        ("sevre", "unknown command sevre; did you mean serve?"),
        ("explode", "unknown command explode; see `\(ProgramName.current) help`"),
        ("--verison", "unknown option --verison; did you mean --version?"),
        ("serve --confg x", "unknown option --confg; did you mean --config?"),
        ("serve --zzzzzzz", "unknown option --zzzzzzz; see `\(ProgramName.current) serve --help`"),
        ("serve --config", "--config needs a value: --config FILE"),
        ("serve --config a --config b", "--config is given twice"),
        ("serve a.conf", "serve does not take a.conf; see `\(ProgramName.current) serve --help`"),
        ("status --json=1", "--json takes no value"),
        ("locate", "locate needs a CLASS; see `\(ProgramName.current) locate --help`"),
        ("locate Room", "locate needs a NAME; see `\(ProgramName.current) locate --help`"),
        ("locate Room a b", "locate does not take b; see `\(ProgramName.current) locate --help`"),
        ("leave now", "leave does not take now; see `\(ProgramName.current) leave --help`"),
        ("leave --json", "unknown option --json; see `\(ProgramName.current) leave --help`"),
        ("weight", "weight needs a N; see `\(ProgramName.current) weight --help`"),
        ("weight 0", "weight 0: expected a number from 1 to 10000, where 100 is the usual weight"),
        (
            "weight 10001",
            "weight 10001: expected a number from 1 to 10000, where 100 is the usual weight"
        ),
        ("drain --rate 0", "--rate 0: expected clients a second, 1 to 1000000, such as 500/s"),
        (
            "drain a --deadline 1",
            "--deadline 1: expected a duration from 1s to 1440m, such as 500ms, 2s or 1m"
        ),
        ("drain a --undo --rate 5", "--rate has no meaning for --undo"),
        ("drain a --undo --progress", "--progress has no meaning for --undo"),
        ("drain a b", "drain does not take b; see `\(ProgramName.current) drain --help`"),
        ("cordon a:b", "cordon a:b: expected the name of a node"),
        ("weight 5 6", "weight does not take 6; see `\(ProgramName.current) weight --help`"),
        (
            "recover --force",
            "recover needs --members NAMES; see `\(ProgramName.current) recover --help`"
        ),
        (
            "check-config",
            "check-config needs a FILE; see `\(ProgramName.current) check-config --help`"
        ),
        (
            "check-config a b",
            "check-config does not take b; see `\(ProgramName.current) check-config --help`"
        ),
        ("new", "new needs a NAME; see `\(ProgramName.current) new --help`"),
        ("new 1st", "1st: expected a letter and then letters, digits and _, 64 at most"),
        ("new ../x", "../x: expected a letter and then letters, digits and _, 64 at most"),
        ("help sevre", "unknown command sevre; did you mean serve?"),
    ])
    func `a mistake is one line with what was meant`(line: String, words: String) {
        #expect(message(line) == words)
    }

    @Test func `events begins with some of the latest, or ends there`() throws {
        var expected = EventsOptions()
        #expect(expected.recent == 20)
        #expect(try parse("events") == .events(expected))
        (expected.recent, expected.isOnce, expected.isJSON) = (1_024, true, true)
        #expect(try parse("events -n 1024 --once --json") == .events(expected))
        #expect(message("events -n 1025") == "--recent 1025: expected a number from 0 to 1024")
    }

    @Test func `the overview lists every command with its line`() {
        #expect(
            HelpText.text(nil) == """
                Rookery \(RookeryVersion.current): every named object has one live instance in a \
                cluster of nodes.

                Usage: \(ProgramName.current) COMMAND [OPTIONS]

                  serve         Run one node.
                  cluster       Run several nodes on this machine, to try things out.
                  status        Show the cluster as one of its nodes sees it.
                  locate        Show where an object lives, why there and what it does, without \
                waking it.
                  objects       List the objects that are in the memory of any node.
                  top           Show the busiest objects of all nodes.
                  move          Let an object's instance end in good order; the next event makes \
                another.
                  evict         Cut off an object's instance at once, as one that hangs; sessions \
                stay.
                  events        Show what happens in the cluster, as it happens, until it is \
                interrupted.
                  leave         Let a node hand over its objects and leave the cluster for good.
                  weight        Give a node another share of the objects, until it is restarted.
                  drain         Take a node out of service: its objects, its clients, then itself.
                  cordon        Have a node take no new clients; those that it has stay.
                  uncordon      Have a cordoned node take new clients again.
                  recover       Go on with some nodes when a majority of the voters is gone for \
                ever.
                  new           Begin a package with an object, a program and a test with a \
                partition.
                  simulate      Check the promises on simulated nodes, with faults drawn from a \
                seed.
                  bench         Put load on a WebSocket server and measure it; {n} in a URL is the \
                connection.
                  check-config  Check a configuration file without starting anything.
                  doctor        Look at all that a node needs, and tell what is wrong and what to do.
                  health        Ask a node how it is, for health checks: it ends with 0 or 1.
                  secret        Print a new secret for cluster.secret, client.token_key or \
                admin.token.
                  token         Print a token with which a client may reach some objects for \
                some time.
                  keys          Take the next of the three steps by which a file of secrets \
                gets a new one.
                  help          Tell about this program or one of its commands.

                `\(ProgramName.current) COMMAND --help` tells about one command, `\(ProgramName.current) --version` which version \
                this is.
                Exit status: 0 done, 1 failed, 64 wrong usage, 78 wrong configuration.

                """
        )
    }
}
