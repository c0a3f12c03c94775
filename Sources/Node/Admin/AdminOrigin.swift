import Primitives
import Wire

/// Tells what an operator's tools and the console send from what another page in his browser sends.
///
/// A page can send requests to any address that the browser reaches, loopback too; only what it may
/// read of the answer is the browser's to limit.
enum AdminOrigin {
    /// The field that the script of the console sends with each request.
    ///
    /// A page of another origin can send it only after the browser has asked the node for leave,
    /// which no node gives.
    static let consoleField = "Rookery-Console"
    static let consoleValue = "1"

    /// Refuses what a page has sent that is not the console of this node, and what the console may
    /// not ask for.
    static func check(_ head: HTTPRequestHead, hasToken: Bool) throws(AdminRefusal) {
        guard isWebPage(head), !isReload(head) else { return }
        guard isConsole(head, hasToken: hasToken) else { throw .fromWebPage }
        // Where there is none, whoever can show a page here could act without one.
        guard hasToken || isReading(head) else { throw .consoleNeedsToken }
    }

    /// Browsers say `Origin` with each write and each request across origins, and newer ones say
    /// with every request whether a page has sent it.
    static func isWebPage(_ head: HTTPRequestHead) -> Bool {
        if head.headers.contains("Origin") { return true }
        return head.headers.all("Sec-Fetch-Site").contains { $0 != "none" }
    }

    /// The console that is loaded again, by itself or by its user: the page has nothing in it that
    /// anybody could not have.
    private static func isReload(_ head: HTTPRequestHead) -> Bool {
        isReading(head) && head.target.path == "/" && !head.headers.contains("Origin")
            && head.headers.all("Sec-Fetch-Site") == ["same-origin"]
            && head.headers.all("Sec-Fetch-Mode") == ["navigate"]
    }

    /// What the script of the console sends to the node that has served it.
    ///
    /// Browsers say `Sec-Fetch-Site` to loopback and over HTTPS only; where they do not, there is a
    /// token that nobody else's page has.
    private static func isConsole(_ head: HTTPRequestHead, hasToken: Bool) -> Bool {
        guard head.headers.all(consoleField) == [consoleValue], let host = head.host else {
            return false
        }
        let sites = head.headers.all("Sec-Fetch-Site")
        guard sites == ["same-origin"] || sites.isEmpty && hasToken else { return false }
        let origins = head.headers.all("Origin")
        if origins.isEmpty { return isReading(head) }
        guard origins.count == 1, let origin = WebOrigin(origins[0]) else { return false }
        return ["http", "https"].contains(origin.scheme) && origin.isSame(asHost: host)
    }

    private static func isReading(_ head: HTTPRequestHead) -> Bool {
        head.method == .get || head.method == .head
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
