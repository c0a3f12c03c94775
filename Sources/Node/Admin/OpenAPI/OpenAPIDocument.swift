/// What the admin side answers, as OpenAPI 3.1 writes it: the body of `GET /openapi.json`.
///
/// The one description of it for machines. A test compares its paths and methods with those of
/// `AdminRoute`, and `Scripts/openapi` has a running cluster asked by it.
enum OpenAPIDocument {
    /// The whole of it, in UTF-8.
    static let bytes = Array(text.utf8)

    private static let text = """
        {
        "openapi": "3.1.0",
        \(info),
        "paths": {\(nodePaths),\(consolePaths),\(objectPaths),\(memberPaths)},
        "components": {
        \(security),
        "parameters": {\(parameters)},
        "responses": {\(responses)},
        "schemas": {\(schemas),\(objectSchemas),\(serviceSchemas),\(statusSchemas),\(consoleSchemas)}
        },
        "security": [{"token": []}]
        }

        """

    private static let info = """
        "info": {
          "title": "The admin side of a Rookery node",
          "version": "\(RookeryVersion.current)",
          "summary": "What an operator and his tools ask a node of a cluster.",
          "description": "Any node answers for the whole cluster. Later versions add fields and \
        change none: a reader ignores those that it does not know."
        }
        """

    private static let security = """
        "securitySchemes": {"token": {
          "type": "http", "scheme": "bearer",
          "description": "The admin.token of the node; where none is set, nothing is needed."
        }}
        """

    private static let parameters = #"""
        "class": {
          "name": "class", "in": "path", "required": true,
          "description": "The class of the object: at most 128 bytes of UTF-8.",
          "schema": {"type": "string", "minLength": 1, "maxLength": 128}, "example": "Counter"
        },
        "name": {
          "name": "name", "in": "path", "required": true,
          "description": "Its name: at most 1,024 bytes of UTF-8, percent-encoded.",
          "schema": {"type": "string", "minLength": 1, "maxLength": 1024}, "example": "visits"
        }
        """#

    private static let responses = [
        problem("Bad", "400: a name, parameter or body that cannot be."),
        problem("Unauthorized", "401: the token is missing or wrong."),
        problem("WebPage", "403: a page in a browser has sent it."),
        problem("Missing", "404: no such class, member or resource."),
        problem("Conflict", "409: it contradicts the state of the cluster."),
        problem("Misdirected", "421: the host is neither an address nor localhost."),
        problem("Large", "431: the head of the request is too large."),
        problem("Later", "503: it may be possible later."),
    ].joined(separator: ",\n")

    private static func problem(_ name: String, _ description: String) -> String {
        """
        "\(name)": {"description": "\(description)", "content": {"application/problem+json": \
        {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        """
    }
}

extension OpenAPIDocument {
    /// What an operation may answer: `schema` with 200, and these problems.
    ///
    /// Those that every operation but the public ones has need not be named.
    static func answers(
        _ description: String,
        _ schema: String,
        _ problems: [String] = [],
        isPublic: Bool = false
    ) -> String {
        let codes = [
            "Bad": 400, "Unauthorized": 401, "WebPage": 403, "Missing": 404, "Conflict": 409,
            "Misdirected": 421, "Large": 431, "Later": 503,
        ]
        let usual = isPublic ? [] : ["Unauthorized"]
        let all = problems + usual + ["Bad", "WebPage", "Misdirected", "Large"]
        let references = all.compactMap { name in
            codes[name].map { code in
                "\"\(code)\": {\"$ref\": \"#/components/responses/\(name)\"}"
            }
        }
        return """
            "responses": {"200": {"description": "\(description)", "content": {"application/json": \
            {"schema": {"$ref": "#/components/schemas/\(schema)"}}}}, \
            \(references.sorted().joined(separator: ", "))}
            """
    }
}
