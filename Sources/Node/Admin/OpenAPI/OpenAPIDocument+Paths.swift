// The paths of a node and of the cluster's state.
extension OpenAPIDocument {
    static let nodePaths = """

        "/live": {"get": {
          "operationId": "live", "tags": ["health"], "security": [],
          "summary": "Whether every event loop of the process turns.",
          \(health("Live"))
        }},
        "/ready": {"get": {
          "operationId": "ready", "tags": ["health"], "security": [],
          "summary": "Whether the node is to be sent clients.",
          \(health("Ready"))
        }},
        "/startup": {"get": {
          "operationId": "startup", "tags": ["health"], "security": [],
          "summary": "Whether the node has been ready once.",
          \(health("Startup"))
        }},
        "/metrics": {"get": {
          "operationId": "metrics", "tags": ["status"],
          "summary": "The figures of this node alone, as Prometheus reads them.",
          "responses": {
            "200": {"description": "Prometheus text.", "content": {"text/plain": \
        {"schema": {"type": "string"}}}},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/WebPage"},
            "421": {"$ref": "#/components/responses/Misdirected"}
          }
        }},
        "/openapi.json": {"get": {
          "operationId": "openapi", "tags": ["status"],
          "summary": "This document.",
          \(answers("OpenAPI 3.1.", "Document"))
        }},
        "/cluster/status": {"get": {
          "operationId": "status", "tags": ["status"],
          "summary": "The whole cluster as this node sees it, within a second.",
          \(answers("The state of the cluster.", "Status"))
        }},
        "/cluster/leave": {
          "get": {
            "operationId": "leaving", "tags": ["operations"],
            "summary": "How far this node is with leaving.",
            \(answers("Where it is on the way out.", "Leave", ["Later"]))
          },
          "post": {
            "operationId": "leave", "tags": ["operations"],
            "summary": "This node hands over what it owns and leaves for good.",
            \(answers("It leaves.", "Leave", ["Conflict", "Later"]))
          }
        },
        "/cluster/weight": {
          "get": {
            "operationId": "weight", "tags": ["operations"],
            "summary": "The weight of this node.",
            \(answers("What it wants and has.", "Weight", ["Later"]))
          },
          "post": {
            "operationId": "setWeight", "tags": ["operations"],
            "summary": "Another share for this node, until its process ends.",
            \(body("WeightRequest")),
            \(answers("What it wants and has.", "Weight", ["Conflict", "Later"]))
          }
        },
        \(service("/cluster/drain", "drain", "Drain", "DrainRequest", drainParameters)),
        \(service("/cluster/cordon", "cordon", "Cordon", "NodeRequest", nodeParameter)),
        "/cluster/recover": {"post": {
          "operationId": "recover", "tags": ["operations"],
          "summary": "Goes on with these nodes alone; all others are given up for ever.",
          \(body("RecoveryRequest")),
          \(answers("The view that was made.", "Recovery", ["Conflict", "Later"]))
        }}
        """

    static let memberPaths = #"""

        "/cluster/members": {"get": {
          "operationId": "members", "tags": ["members"],
          "summary": "Everyone whom gossip knows, in short.",
          \#(answers("The members.", "Members"))
        }},
        "/cluster/members/{node}": {"get": {
          "operationId": "member", "tags": ["members"],
          "summary": "One member, and all that it says of itself.",
          "parameters": [{
            "name": "node", "in": "path", "required": true, "example": "node-1",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
          }],
          \#(answers("The member.", "MemberDetails", ["Missing"]))
        }}
        """#

    static func body(_ schema: String, isRequired: Bool = true) -> String {
        """
        "requestBody": {"required": \(isRequired), "content": {"application/json": \
        {"schema": {"$ref": "#/components/schemas/\(schema)"}}}}
        """
    }
}

// Those of objects.
extension OpenAPIDocument {
    static let objectPaths = #"""

        "/cluster/locate/{class}/{name}": {"get": {
          "operationId": "locate", "tags": ["objects"],
          "summary": "Where an object lives, in short.",
          \#(named),
          \#(answers("Where it is.", "Location", ["Missing", "Later"]))
        }},
        "/cluster/objects": {"get": {
          "operationId": "objects", "tags": ["objects"],
          "summary": "The objects that are in the memory of any node.",
          "parameters": [
            {"name": "class", "in": "query", "description": "Only those of this class.",
             "schema": {"type": "string", "minLength": 1, "maxLength": 128}},
            {"name": "prefix", "in": "query", "description": "What their names begin with.",
             "schema": {"type": "string", "maxLength": 1024}},
            {"name": "limit", "in": "query", "description": "How many at most.",
             "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
            {"name": "sort", "in": "query",
             "description": "By class and name, or those with the most first.",
             "schema": {"type": "string", "default": "name",
                        "enum": ["name", "messages", "cpu", "sessions"]}},
            {"name": "cursor", "in": "query",
             "description": "The next of the answer before; for sort=name.",
             "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}}
          ],
          \#(answers("Some of them.", "Objects", ["Missing", "Later"]))
        }},
        "/cluster/objects/{class}/{name}": {"get": {
          "operationId": "object", "tags": ["objects"],
          "summary": "All that is known of an object, without waking it.",
          \#(named),
          \#(answers("What is known.", "Object", ["Missing", "Later"]))
        }},
        "/cluster/objects/{class}/{name}/move": {"post": {
          "operationId": "move", "tags": ["objects"],
          "summary": "Its instance ends its event, leaves a snapshot and goes.",
          \#(named),
          \#(answers("What became of it.", "Removal", ["Missing", "Later"]))
        }},
        "/cluster/objects/{class}/{name}/evict": {"post": {
          "operationId": "evict", "tags": ["objects"],
          "summary": "Its instance is cut off at once; its sessions stay.",
          \#(named),
          \#(answers("What became of it.", "Removal", ["Missing", "Later"]))
        }}
        """#

    private static let named = #"""
        "parameters": [{"$ref": "#/components/parameters/class"},
                         {"$ref": "#/components/parameters/name"}]
        """#
}
