// The bodies of requests, and answers about one node or one object.
extension OpenAPIDocument {
    static let schemas = #"""

        "Problem": {"type": "object", "required": ["status", "title", "detail"], "properties": {
          "status": {"type": "integer"}, "title": {"type": "string"}, "detail": {"type": "string"}}},
        "Document": {"type": "object", "required": ["openapi", "info", "paths"]},
        "Count": {"type": "integer", "minimum": 0},
        "Milliseconds": {"type": "number", "minimum": 0},
        "Time": {"type": "string", "format": "date-time"},
        "Leave": {"type": "object", "required": ["node", "state", "partitions", "clients"],
          "properties": {
            "node": {"type": "string"}, "state": {"enum": ["member", "leaving", "left"]},
            "partitions": {"$ref": "#/components/schemas/Count"},
            "clients": {"$ref": "#/components/schemas/Count"}}},
        "WeightValue": {"type": "integer", "minimum": 1, "maximum": 10000},
        "WeightRequest": {"type": "object", "required": ["weight"],
          "properties": {"weight": {"$ref": "#/components/schemas/WeightValue"}}},
        "Weight": {"type": "object", "required": ["node", "weight", "epoch"], "properties": {
          "node": {"type": "string"}, "weight": {"$ref": "#/components/schemas/WeightValue"},
          "inView": {"type": "integer", "minimum": 0, "maximum": 10000,
            "description": "What the members have agreed on; left out while it is no member."},
          "epoch": {"$ref": "#/components/schemas/Count"}}},
        "RecoveryRequest": {"type": "object", "required": ["members", "force"], "properties": {
          "members": {"type": "array", "minItems": 1, "maxItems": 1024, "uniqueItems": true,
            "items": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}},
          "force": {"const": true}}},
        "Recovery": {"type": "object", "required": ["epoch", "members"], "properties": {
          "epoch": {"$ref": "#/components/schemas/Count"},
          "members": {"type": "array", "items": {"type": "string"}}}},
        "Location": {"type": "object",
          "required": ["class", "name", "partition", "owner", "epoch", "state"], "properties": {
            "class": {"type": "string"}, "name": {"type": "string"},
            "partition": {"type": "integer", "minimum": 0, "maximum": 65535},
            "owner": {"type": ["string", "null"]},
            "epoch": {"$ref": "#/components/schemas/Count"},
            "state": {"enum": ["live", "idle", "moving", "frozen", "unknown"]}}}
        """#

    static let objectSchemas = #"""

        "ObjectState": {
          "enum": ["live", "hibernated", "idle", "moving", "frozen", "unknown"]},
        "Object": {"type": "object",
          "required": ["class", "name", "partition", "epoch", "state", "placement"],
          "properties": {
            "class": {"type": "string"}, "name": {"type": "string"},
            "partition": {"type": "integer", "minimum": 0, "maximum": 65535},
            "owner": {"type": "string", "description": "Left out when nobody owns anything."},
            "epoch": {"$ref": "#/components/schemas/Count"},
            "state": {"$ref": "#/components/schemas/ObjectState"},
            "since": {"$ref": "#/components/schemas/Time"},
            "instance": {"type": "string", "format": "uuid"},
            "usage": {"$ref": "#/components/schemas/Usage"},
            "placement": {"$ref": "#/components/schemas/Placement"}}},
        "Usage": {"type": "object",
          "description": "Left out when nothing of the object is in memory.",
          "required": ["queue", "inWork", "messages", "bytes", "cpuMilliseconds", "sockets", "edges"],
          "properties": {
            "queue": {"$ref": "#/components/schemas/Count"},
            "inWork": {"$ref": "#/components/schemas/Count"},
            "messages": {"$ref": "#/components/schemas/Count"},
            "bytes": {"$ref": "#/components/schemas/Count"},
            "cpuMilliseconds": {"$ref": "#/components/schemas/Milliseconds"},
            "lastEvent": {"$ref": "#/components/schemas/Time"},
            "sockets": {"$ref": "#/components/schemas/Count"},
            "edges": {"type": "array", "items": {"$ref": "#/components/schemas/Edge"}}}},
        "Edge": {"type": "object", "required": ["sessions"], "properties": {
          "node": {"type": "string"}, "sessions": {"$ref": "#/components/schemas/Count"},
          "linkMilliseconds": {"$ref": "#/components/schemas/Milliseconds"},
          "client": {"$ref": "#/components/schemas/RoundTrips"}}},
        "RoundTrips": {"type": "object", "required": ["least", "mean", "most", "count"],
          "properties": {
            "least": {"$ref": "#/components/schemas/Milliseconds"},
            "mean": {"$ref": "#/components/schemas/Milliseconds"},
            "most": {"$ref": "#/components/schemas/Milliseconds"},
            "count": {"$ref": "#/components/schemas/Count"}}},
        "Placement": {"type": "object", "required": ["epoch", "partition", "candidates", "reason"],
          "properties": {
            "epoch": {"$ref": "#/components/schemas/Count"},
            "partition": {"type": "integer", "minimum": 0, "maximum": 65535},
            "reason": {"type": "string"},
            "candidates": {"type": "array", "items": {"type": "object",
              "required": ["node", "weight", "share"], "properties": {
                "node": {"type": "string"}, "weight": {"$ref": "#/components/schemas/WeightValue"},
                "share": {"type": "number", "minimum": 0, "maximum": 1},
                "rank": {"type": "integer", "minimum": 1, "maximum": 3}}}}}},
        "ObjectRow": {"type": "object",
          "required": ["class", "name", "node", "state", "sessions", "messages", "bytes",
                       "cpuMilliseconds"],
          "properties": {
            "class": {"type": "string"}, "name": {"type": "string"}, "node": {"type": "string"},
            "state": {"$ref": "#/components/schemas/ObjectState"},
            "since": {"$ref": "#/components/schemas/Time"},
            "sessions": {"$ref": "#/components/schemas/Count"},
            "messages": {"$ref": "#/components/schemas/Count"},
            "bytes": {"$ref": "#/components/schemas/Count"},
            "cpuMilliseconds": {"$ref": "#/components/schemas/Milliseconds"}}},
        "Objects": {"type": "object", "required": ["objects", "unanswered"], "properties": {
          "objects": {"type": "array", "maxItems": 1000,
            "items": {"$ref": "#/components/schemas/ObjectRow"}},
          "next": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$",
            "description": "The cursor for what follows; left out when nothing does."},
          "unanswered": {"type": "array", "items": {"type": "string"},
            "description": "The nodes whose objects are missing here."}}},
        "Removal": {"type": "object", "required": ["class", "name", "node", "outcome"],
          "properties": {
            "class": {"type": "string"}, "name": {"type": "string"}, "node": {"type": "string"},
            "outcome": {"enum": ["gone", "leaving", "absent"]}}}
        """#
}

// Answers about the cluster and its nodes.
extension OpenAPIDocument {
    static let statusSchemas = #"""

        "MemberState": {"enum": ["alive", "suspect", "dead", "left"]},
        "Addresses": {"type": "object", "required": ["peer", "client", "admin"], "properties": {
          "peer": {"type": "string"}, "client": {"type": "string"}, "admin": {"type": "string"}}},
        "StatusMember": {"type": "object",
          "required": ["name", "state", "incarnation", "addresses", "weight"], "properties": {
            "name": {"type": "string"}, "state": {"$ref": "#/components/schemas/MemberState"},
            "incarnation": {"$ref": "#/components/schemas/Count"},
            "addresses": {"$ref": "#/components/schemas/Addresses"},
            "weight": {"type": "integer", "minimum": 0},
            "rttMilliseconds": {"$ref": "#/components/schemas/Milliseconds"}}},
        "Member": {"allOf": [{"$ref": "#/components/schemas/StatusMember"}, {"type": "object",
          "required": ["reachable", "isVoter", "isLeader"], "properties": {
            "reachable": {"type": "boolean"}, "isVoter": {"type": "boolean"},
            "isLeader": {"type": "boolean"}, "role": {"type": "string"},
            "version": {"type": "string"},
            "uptimeSeconds": {"type": "number", "minimum": 0},
            "leaseMilliseconds": {"$ref": "#/components/schemas/Milliseconds"},
            "partitions": {"$ref": "#/components/schemas/Count"},
            "objects": {"$ref": "#/components/schemas/Count"},
            "clients": {"$ref": "#/components/schemas/Count"}}}]},
        "Members": {"type": "object", "required": ["epoch", "members"], "properties": {
          "epoch": {"$ref": "#/components/schemas/Count"},
          "members": {"type": "array", "items": {"$ref": "#/components/schemas/Member"}}}},
        "MemberDetails": {"type": "object", "required": ["member"], "properties": {
          "member": {"$ref": "#/components/schemas/Member"},
          "node": {"$ref": "#/components/schemas/Node"}}},
        "Counts": {"type": "object",
          "additionalProperties": {"$ref": "#/components/schemas/Count"}},
        "Node": {"type": "object", "required": ["name", "reachable"],
          "if": {"properties": {"reachable": {"const": true}}},
          "then": {"required": ["version", "uptimeSeconds", "epoch", "ringHash"]},
          "properties": {
            "name": {"type": "string"}, "reachable": {"type": "boolean"},
            "version": {"type": "string"}, "uptimeSeconds": {"type": "number", "minimum": 0},
            "time": {"$ref": "#/components/schemas/Time"},
            "clock": {"type": "object",
              "required": ["aheadMilliseconds", "errorMilliseconds"], "properties": {
                "aheadMilliseconds": {"type": "integer"},
                "errorMilliseconds": {"$ref": "#/components/schemas/Count"}}},
            "epoch": {"$ref": "#/components/schemas/Count"},
            "stableEpoch": {"type": ["integer", "null"]},
            "incarnation": {"type": ["integer", "null"]},
            "ringHash": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "leaseMilliseconds": {"type": ["integer", "null"]},
            "role": {"enum": ["active", "joining", "leaving", "witness", null]},
            "isVoter": {"type": "boolean"},
            "releasesAwaited": {"type": "array", "items": {"type": "string"}},
            "partitions": {"type": "object"}, "objects": {"type": "object"},
            "sessions": {"type": "object"}, "buffers": {"type": ["object", "null"]},
            "clientAddress": {"type": "string"}, "adminAddress": {"type": "string"},
            "classes": {"type": ["array", "null"], "items": {"type": "string"}},
            "links": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}},
            "counters": {"$ref": "#/components/schemas/Counts"},
            "activity": {"$ref": "#/components/schemas/Counts"}}},
        "Link": {"type": "object",
          "required": ["node", "isUp", "sentBytes", "receivedBytes", "queuedBytes"],
          "properties": {
            "node": {"type": "string"}, "isUp": {"type": "boolean"},
            "rttMilliseconds": {"$ref": "#/components/schemas/Milliseconds"},
            "sentBytes": {"$ref": "#/components/schemas/Count"},
            "receivedBytes": {"$ref": "#/components/schemas/Count"},
            "queuedBytes": {"$ref": "#/components/schemas/Count"},
            "version": {"type": "integer", "minimum": 1,
              "description": "What the two have agreed to speak; left out while it is down."}}},
        "View": {"type": "object", "required": ["epoch", "ringHash", "members", "converged"],
          "properties": {
            "epoch": {"$ref": "#/components/schemas/Count"},
            "stableEpoch": {"$ref": "#/components/schemas/Count"},
            "ringHash": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "members": {"$ref": "#/components/schemas/Count"},
            "voters": {"type": "array", "items": {"type": "string"}},
            "leader": {"type": "string"}, "converged": {"type": "boolean"},
            "agreedSince": {"$ref": "#/components/schemas/Time"},
            "disagreeSince": {"$ref": "#/components/schemas/Time"},
            "disagreeing": {"type": "array", "items": {"type": "string"}}}},
        "Status": {"type": "object",
          "required": ["version", "cluster", "node", "time", "view", "members", "nodes"],
          "properties": {
            "version": {"type": "string"}, "cluster": {"type": "string"},
            "node": {"type": "string"}, "time": {"$ref": "#/components/schemas/Time"},
            "view": {"$ref": "#/components/schemas/View"},
            "members": {"type": "array", "items": {"$ref": "#/components/schemas/StatusMember"}},
            "nodes": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}}}
        """#
}
