import Primitives
import Wire

/// Why an event was refused in an object's stead.
enum ActivationRefusal: Error {
    case unknownClass(String, known: [String])
    case overloaded
    case tooManySockets
    /// `init` or `start` of its instance threw.
    case notMade
    /// They took longer than `HostSettings.makingTime`.
    case notMadeInTime
    /// That was a moment ago: the next attempt is made after so long.
    case backingOff(Duration)

    var response: Response {
        switch self {
        case .unknownClass(let name, let known):
            .text("no class \(name); known classes: \(known.joined(separator: ", "))", status: 404)
                .refusing(.unknownClass)
        case .overloaded:
            .text("overloaded", status: 503).refusing(.overloaded)
        case .tooManySockets:
            .text("the object has as many sockets as it may have", status: 503)
                .refusing(.overloaded)
        case .notMade: .internalError.refusing(.notMade)
        case .notMadeInTime:
            Self.unavailable("the object was not ready in time", after: ActivationBackOff.delayMin)
        case .backingOff(let remaining):
            Self.unavailable("the object could not be made", after: remaining)
        }
    }

    private static func unavailable(_ text: String, after delay: Duration) -> Response {
        var response = Response.text(text, status: 503)
        let seconds = (delay.nanoseconds + 999_999_999) / 1_000_000_000
        response.headers.set("Retry-After", "\(max(1, seconds))")
        return response.refusing(.notMade)
    }
}
