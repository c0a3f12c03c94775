import Glibc
import Primitives
import Testing

@testable import Transport

@Suite struct SocketAddressStorageTests {
    @Test(
        arguments: [
            "127.0.0.1:0", "1.2.3.4:65535", "255.255.255.255:1", "[::]:0", "[::1]:7001",
            "[2001:db8:1:2:3:4:5:6]:443", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
        ]
    )
    func `an address survives its C form`(text: String) throws {
        let address = try #require(SocketAddress(text))
        let storage = SocketAddressStorage(address)
        #expect(storage.address == address)
        #expect(SocketAddressStorage(storage.storage).address == address)
        let copied = storage.withPointer { SocketAddressStorage(copying: $0, length: $1).address }
        #expect(copied == address)
    }

    @Test func `the C form is as the kernel wants it`() throws {
        let v4 = SocketAddressStorage(try #require(SocketAddress("1.2.3.4:258")))
        #expect(v4.length == 16)
        let bytes = withUnsafeBytes(of: v4.storage) { Array($0[2..<8]) }
        #expect(bytes == [1, 2, 1, 2, 3, 4])
        let v6 = SocketAddressStorage(try #require(SocketAddress("[102:304::f]:258")))
        #expect(v6.length == 28)
        let port = withUnsafeBytes(of: v6.storage) { Array($0[2..<4]) }
        let host = withUnsafeBytes(of: v6.storage) { Array($0[8..<24]) }
        #expect(port == [1, 2])
        #expect(host == [1, 2, 3, 4] + Array(repeating: 0, count: 11) + [15])
    }

    @Test func `an IPv4 client of an IPv6 listener is shown as IPv4`() throws {
        let mapped = try #require(SocketAddress("[::ffff:102:304]:80"))
        #expect(SocketAddressStorage(mapped).address == SocketAddress("1.2.3.4:80"))
        for other in ["[::fffe:102:304]:80", "[::1:ffff:102:304]:80", "[1::ffff:102:304]:80"] {
            let address = try #require(SocketAddress(other))
            #expect(SocketAddressStorage(address).address == address)
        }
    }

    @Test func `another family is no address`() {
        #expect(SocketAddressStorage().address == nil)
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        #expect(SocketAddressStorage(storage).address == nil)
    }
}

@Suite struct SocketErrorTests {
    @Test func `an error tells the operation and the reason`() {
        let error = SocketError(operation: "bind 127.0.0.1:80", code: EADDRINUSE)
        #expect(error.description == "bind 127.0.0.1:80: Address already in use")
    }

    @Test(arguments: [(EMFILE, true), (ENFILE, true), (ENOMEM, true), (ECONNABORTED, false)])
    func `running out is told from other failures`(code: Int32, isExhaustion: Bool) {
        #expect(SocketError(operation: "accept", code: code).isExhaustion == isExhaustion)
    }

    @Test func `a failed call throws with the error number of that call`() {
        let expected = SocketError(operation: "listen", code: EBADF)
        #expect(throws: expected) { try SystemCall.listen(-1, backlog: 1) }
        #expect(SystemCall.pendingError(-1) == EBADF)
    }
}
