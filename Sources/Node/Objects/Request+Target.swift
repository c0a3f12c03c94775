import Wire

extension Request {
    /// The parts of the path between its slashes, each percent-decoded once.
    ///
    /// `/room/a%2Fb` has `room` and `a/b`; an empty part is kept, so `/` has one. Nil when one of
    /// them cannot be decoded.
    public var pathSegments: [String]? { RequestTarget(target)?.decodedSegments }

    /// The decoded value of the first query parameter called `name`; `+` stands for a space.
    ///
    /// An empty text for a parameter without a value, nil for one that is missing or cannot be
    /// decoded.
    public func query(_ name: String) -> String? { RequestTarget(target)?.queryValue(name) }
}
