// An echo server of node's `ws`, to compare with; prints its port.
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket, request) => {
    const isFanout = request.url.startsWith("/fanout");
    socket.isMember = isFanout;
    socket.on("message", (data, isBinary) => {
        if (!isFanout) return socket.send(data, { binary: isBinary });
        for (const other of server.clients) {
            if (other.isMember) other.send(data, { binary: isBinary });
        }
    });
});
