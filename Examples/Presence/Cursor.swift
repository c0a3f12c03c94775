import Rookery

/// Who somebody is, and where: the attachment of each socket, and all that there is of state.
struct Cursor: Codable, Equatable, Sendable {
    /// How long a name may be, in UTF-16 code units.
    static let nameLengthMax = 24

    /// A team is a tag of its sockets.
    enum Team: String, CaseIterable, Codable, Sendable {
        case amber
        case jade
        case violet
    }

    let name: String
    let team: Team
    /// The hue of the colour, in degrees.
    let hue: Int
    /// From the left and the top edge, of the whole.
    var x = 0.5
    var y = 0.5

    /// What the query of an upgrade request says; nil when it is not said, or not so.
    init?(_ request: Request) {
        guard let name = request.query("name"),
            (1...Self.nameLengthMax).contains(name.utf16.count),
            let team = Team(rawValue: request.query("team") ?? ""),
            let hue = Int(request.query("hue") ?? ""), (0..<360).contains(hue)
        else { return nil }
        self.init(name: name, team: team, hue: hue)
    }

    init(name: String, team: Team, hue: Int) {
        self.name = name
        self.team = team
        self.hue = hue
    }

    /// The tags that the socket is accepted with: the team, and whether the hue is a warm one.
    var tags: [String] { [Self.tag(of: team), (90..<270).contains(hue) ? "cool" : "warm"] }

    static func tag(of team: Team) -> String { "team:" + team.rawValue }

    /// Goes there, but not out of the plane; what is no number stays where it is.
    mutating func move(to x: Double, _ y: Double) {
        if x.isFinite { self.x = min(max(x, 0), 1) }
        if y.isFinite { self.y = min(max(y, 0), 1) }
    }
}
