import Primitives
import Wire

/// Tells what an operator's tools send from what a page in his browser sends.
///
/// A page can send requests to any address that the browser reaches, loopback too; only what it may
/// read of the answer is the browser's to limit.
enum AdminOrigin {
    /// Browsers say `Origin` with each write and each request across origins, and newer ones say
    /// with every request whether a page has sent it.
    static func isWebPage(_ head: HTTPRequestHead) -> Bool {
        if head.headers.contains("Origin") { return true }
        return head.headers.all("Sec-Fetch-Site").contains { $0 != "none" }
    }

    /// True when the host is an address, which nobody can make lead elsewhere, or this machine.
    ///
    /// A page whose name was made to lead here would be of the same origin, and say nothing; but
    /// then the host of its requests is that name.
    static func isOwnHost(_ head: HTTPRequestHead) -> Bool {
        guard let host = head.host else { return false }
        if SocketAddress(host) != nil { return true }
        let name = host.split(separator: ":", omittingEmptySubsequences: false)
        if name.count <= 2, name[0].lowercased() == "localhost" { return true }
        let bare =
            host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host[...]
        return SocketAddress.v4(bare) != nil || SocketAddress.v6(bare) != nil
    }
}
