// An echo server of Bun, to compare with; prints its port.
const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request, server) {
        const isFanout = new URL(request.url).pathname === "/fanout";
        if (server.upgrade(request, { data: { isFanout } })) return;
        return new Response("expected a WebSocket", { status: 426 });
    },
    websocket: {
        perMessageDeflate: false,
        open(socket) {
            if (socket.data.isFanout) socket.subscribe("all");
        },
        message(socket, message) {
            if (socket.data.isFanout) server.publish("all", message);
            else socket.send(message);
        },
    },
});
console.log(server.port);
