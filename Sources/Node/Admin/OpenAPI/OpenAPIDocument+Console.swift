// The page of the operator's side, and what it needs beside the status.
extension OpenAPIDocument {
    static let consolePaths = #"""

        "/": {"get": {
          "operationId": "console", "tags": ["console"], "security": [],
          "summary": "A page for a browser, which asks this node for all that it shows.",
          "responses": {
            "200": {"description": "The page.", "content": {"text/html": \#
        {"schema": {"type": "string"}}}},
            "403": {"$ref": "#/components/responses/WebPage"},
            "421": {"$ref": "#/components/responses/Misdirected"}
          }
        }},
        "/cluster/events": {"get": {
          "operationId": "events", "tags": ["status"],
          "summary": "What happens in the cluster, as server-sent events without an end.",
          "parameters": [
            {"name": "recent", "in": "query",
             "description": "So many of the latest first, for who brings no Last-Event-ID.",
             "schema": {"type": "integer", "minimum": 0, "maximum": \#(EventLog.keptMax), \#
        "default": 0}},
            {"name": "follow", "in": "query",
             "description": "Go on with what happens from now on.",
             "schema": {"type": "boolean", "default": true}},
            {"name": "Last-Event-ID", "in": "header",
             "description": "The id of the last event that was had: those behind it come first.",
             "schema": {"type": "string", "pattern": "^[^-]+-[0-9]+$"}}
          ],
          "responses": {
            "200": {"description": "The data of each event is an Event.", "content": \#
        {"text/event-stream": {"schema": {"type": "string"}}}},
            "400": {"$ref": "#/components/responses/Bad"},
            "401": {"$ref": "#/components/responses/Unauthorized"},
            "403": {"$ref": "#/components/responses/WebPage"},
            "421": {"$ref": "#/components/responses/Misdirected"},
            "503": {"$ref": "#/components/responses/Later"}
          }
        }},
        "/cluster/partitions": {"get": {
          "operationId": "partitions", "tags": ["status"],
          "summary": "Who owns each partition, in the view of this node.",
          \#(answers("All owners.", "Partitions", ["Later"]))
        }}
        """#

    static let consoleSchemas = #"""

        "Event": {"type": "object",
          "required": ["time", "node", "seenBy", "kind", "level", "text", "fields"],
          "properties": {
            "id": {"type": "string"}, "time": {"$ref": "#/components/schemas/Time"},
            "node": {"type": "string"}, "seenBy": {"type": "string"},
            "kind": {"type": "string"}, "level": {"enum": ["notice", "warning", "error"]},
            "text": {"type": "string"},
            "fields": {"type": "object", "additionalProperties": {"type": "string"}}}},
        "Partitions": {"type": "object",
          "required": ["epoch", "stableEpoch", "count", "members", "bits", "owners", "moving"],
          "properties": {
            "epoch": {"$ref": "#/components/schemas/Count"},
            "stableEpoch": {"$ref": "#/components/schemas/Count"},
            "count": {"$ref": "#/components/schemas/Count"},
            "members": {"type": "array", "items": {"type": "string"}},
            "bits": {"enum": [2, 4, 8, 16]},
            "owners": {"type": "string", "contentEncoding": "base64"},
            "moving": {"type": "string", "contentEncoding": "base64"}}}
        """#
}
