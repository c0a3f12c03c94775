// Whether a node is well, and whether it serves.
extension OpenAPIDocument {
    static func health(_ schema: String) -> String {
        func answer(_ code: Int, _ description: String) -> String {
            """
            "\(code)": {"description": "\(description)", "content": {"application/json": \
            {"schema": {"$ref": "#/components/schemas/\(schema)"}}}}
            """
        }
        return """
            "responses": {\(answer(200, "Yes.")), \(answer(503, "No, and what is not.")), \
            "403": {"$ref": "#/components/responses/WebPage"}, \
            "421": {"$ref": "#/components/responses/Misdirected"}}
            """
    }

    /// A path by which a node is taken out of service, and back.
    static func service(
        _ path: String,
        _ verb: String,
        _ noun: String,
        _ request: String,
        _ parameters: String
    ) -> String {
        let problems = ["Missing", "Conflict", "Later"]
        return """
            "\(path)": {
              "get": {
                "operationId": "\(verb)Progress", "tags": ["operations"],
                "summary": "Whether a node serves, and how far it is on its way out.",
                "parameters": [\(nodeParameter)],
                \(answers("How far it is.", "Service", problems))
              },
              "post": {
                "operationId": "\(verb)", "tags": ["operations"],
                "summary": "\(noun) a node: this one, unless another is named.",
                "parameters": [\(parameters)],
                \(body(request, isRequired: false)),
                \(answers("How far it is.", "Service", problems))
              },
              "delete": {
                "operationId": "\(verb)Undo", "tags": ["operations"],
                "summary": "Takes it back.",
                "parameters": [\(nodeParameter)],
                \(answers("How far it is.", "Service", problems))
              }
            }
            """
    }

    static let nodeParameter = #"""
        {"name": "node", "in": "query", "description": "Which node; this one if it is left out.",
         "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}}
        """#

    static let drainParameters = """
        \(nodeParameter),
        {"name": "rate", "in": "query", "description": "Clients that are sent away in a second.",
         "schema": {"$ref": "#/components/schemas/Rate"}},
        {"name": "grace", "in": "query", "description": "How long it serves on.",
         "schema": {"$ref": "#/components/schemas/Span"}},
        {"name": "deadline", "in": "query", "description": "How long all of it may take.",
         "schema": {"$ref": "#/components/schemas/Span"}}
        """

    static let serviceSchemas = #"""

        "Checks": {"type": "array", "items": {"type": "object", "required": ["name", "passes"],
          "properties": {
            "name": {"enum": ["loops", "lease", "service", "path", "started"]},
            "passes": {"type": "boolean"},
            "reason": {"type": "string", "description": "For whoever has the token."}}}},
        "Live": {"type": "object", "required": ["live", "checks"], "properties": {
          "live": {"type": "boolean"}, "checks": {"$ref": "#/components/schemas/Checks"}}},
        "Ready": {"type": "object", "required": ["ready", "checks"], "properties": {
          "ready": {"type": "boolean"}, "checks": {"$ref": "#/components/schemas/Checks"}}},
        "Startup": {"type": "object", "required": ["startup", "checks"], "properties": {
          "startup": {"type": "boolean"}, "checks": {"$ref": "#/components/schemas/Checks"}}},
        "Rate": {"type": "string", "pattern": "^[1-9][0-9]{0,5}(/s)?$"},
        "Span": {"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"},
        "NodeName": {"type": ["string", "null"], "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "NodeRequest": {"type": "object", "properties": {
          "node": {"$ref": "#/components/schemas/NodeName"}}},
        "DrainRequest": {"type": "object", "properties": {
          "node": {"$ref": "#/components/schemas/NodeName"},
          "rate": {"anyOf": [{"$ref": "#/components/schemas/Rate"}, {"type": "null"}]},
          "grace": {"anyOf": [{"$ref": "#/components/schemas/Span"}, {"type": "null"}]},
          "deadline": {"anyOf": [{"$ref": "#/components/schemas/Span"}, {"type": "null"}]}}},
        "Service": {"type": "object",
          "required": ["node", "state", "partitions", "clients", "canUndo"], "properties": {
            "node": {"type": "string"},
            "state": {"enum": ["serving", "cordoned", "draining", "left"]},
            "step": {"enum": ["grace", "handingOver", "closing", "leaving"]},
            "partitions": {"$ref": "#/components/schemas/Count"},
            "clients": {"$ref": "#/components/schemas/Count"},
            "partitionsAtFirst": {"$ref": "#/components/schemas/Count"},
            "clientsAtFirst": {"$ref": "#/components/schemas/Count"},
            "rate": {"type": "integer", "minimum": 1},
            "secondsLeft": {"type": "number", "minimum": 0},
            "canUndo": {"type": "boolean"}}}
        """#
}
