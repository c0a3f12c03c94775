import Primitives
import Testing

@testable import Wire

@Suite struct HTTPHeadersTests {
    private let headers: HTTPHeaders = [
        "Accept": "text/html, , text/plain", "Host": "a", "accept": "*/*", "Empty": "",
    ]

    @Test func `names are found in any case and values in order`() {
        #expect(headers.first("ACCEPT") == "text/html, , text/plain")
        #expect(headers.all("Accept") == ["text/html, , text/plain", "*/*"])
        #expect(headers.first("Empty") == "")
        #expect(headers.first("Hos") == nil)
        #expect(headers.all("Hosts") == [])
        #expect(headers.contains("hOST"))
        #expect(headers.count == 4)
    }

    @Test func `the elements of all lists of a name are one list`() {
        #expect(headers.list("accept") == ["text/html", "text/plain", "*/*"])
        #expect(headers.listed("TEXT/PLAIN", in: "Accept"))
        #expect(!headers.listed("text", in: "Accept"))
        #expect(!headers.listed("", in: "Empty"))
    }

    @Test func `only letters have a case`() {
        let headers: HTTPHeaders = ["a^": "1", "X": "[, A@"]
        #expect(!headers.contains("a~"))
        #expect(!headers.listed("{", in: "X"))
        #expect(!headers.listed("a`", in: "X"))
        #expect(headers.listed("a@", in: "X"))
    }

    @Test func `fields keep their order and spelling`() {
        let names = headers.fields.map(\.name)
        #expect(names == ["Accept", "Host", "accept", "Empty"])
        #expect(headers.fields[1] == HTTPHeaders.Field(name: "Host", value: "a"))
    }

    @Test func `set puts one field in the place of all and remove takes all`() {
        var changed = headers
        changed.set("ACCEPT", "none")
        #expect(changed == ["Host": "a", "Empty": "", "Accept": "none"])
        changed.remove("accept")
        changed.remove("missing")
        #expect(changed == ["Host": "a", "Empty": ""])
        changed.add("Host", "b")
        #expect(changed.all("host") == ["a", "b"])
    }

    @Test func `equality looks at order and values and not at the case of names`() {
        #expect((["A": "1", "B": "2"] as HTTPHeaders) == ["a": "1", "b": "2"])
        #expect((["A": "1", "B": "2"] as HTTPHeaders) != ["B": "2", "A": "1"])
        #expect((["A": "x"] as HTTPHeaders) != ["A": "X"])
        #expect((["A": "x"] as HTTPHeaders) != ["A": "x", "B": ""])
    }

    @Test(arguments: ["", "a b", "a:b", "a\r\nb", "\u{E9}", "a\u{0}"])
    func `a name that is not a token is not added`(name: String) {
        var headers = HTTPHeaders()
        headers.add(name, "value")
        headers.set(name, "value")
        #expect(headers.isEmpty)
    }

    @Test func `a control character in a value becomes a space`() {
        let headers: HTTPHeaders = ["A": "b\r\nSet-Cookie: c\u{0}\u{7F}\td"]
        #expect(headers.first("A") == "b  Set-Cookie: c  \td")
        var output: [UInt8] = []
        headers.write(to: &output, excluding: [])
        #expect(String(decoding: output, as: UTF8.self) == "A: b  Set-Cookie: c  \td\r\n")
    }

    @Test func `a value is read as UTF-8 when it is and else byte by byte`() {
        var headers = HTTPHeaders()
        headers.append(name: "A".utf8Span.span, value: "\u{E9}".utf8Span.span)
        headers.append(name: "B".utf8Span.span, value: ([0xE9, 0x41] as [UInt8]).span)
        #expect(headers.first("A") == "\u{E9}")
        #expect(headers.first("B") == "\u{E9}A")
    }

    @Test(
        arguments: [
            [:],
            ["Upgrade": "websocket", "Connection": "Upgrade", "Host": "a.example:8080"],
            // Neither a name in other letters nor a value that is longer is a common one.
            ["upgrade": "websocket", "Upgrade": "websockets", "host": "", "Host": ""],
            ["X": String(repeating: "x", count: 254), "Y": String(repeating: "y", count: 255)],
            ["Cookie": String(repeating: "c", count: 70_000), "Cookie": "d"],
        ] as [HTTPHeaders]
    )
    func `what is packed is read as it was`(headers: HTTPHeaders) throws {
        var writer = ByteWriter()
        headers.pack(into: &writer)
        var reader = ByteReader(writer.bytes)
        #expect(try HTTPHeaders(packed: &reader).fields == headers.fields)
        try reader.finish()
    }

    @Test func `all common fields are packed into a byte each, or a byte and the value`() throws {
        let common = CommonFields.all
        #expect(common.entries.count < 256)
        for entry in common.entries {
            var headers = HTTPHeaders()
            let value = entry.value.map { Array(common.text[$0]) } ?? [0x61]
            headers.append(name: common.text.span.extracting(entry.name), value: value.span)
            var writer = ByteWriter()
            headers.pack(into: &writer)
            #expect(writer.count == (entry.value == nil ? 4 : 2))
            var reader = ByteReader(writer.bytes)
            #expect(try HTTPHeaders(packed: &reader).fields == headers.fields)
        }
    }

    @Test func `bytes that are no packed fields are refused`() {
        for bytes: [UInt8] in [[], [1], [1, 250], [1, 0, 3, 0x61], [255, 1]] {
            var reader = ByteReader(bytes)
            #expect(throws: ByteError.self) { try HTTPHeaders(packed: &reader) }
        }
    }
}
