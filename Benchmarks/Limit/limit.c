// What one thread needs at the least to echo WebSocket messages over TCP: the practical limit that
// servers are compared with. It parses frames and checks nothing; never let it near a network.
//
//     cc -O3 -o limit limit.c && ./limit [SECONDS]    prints the port it has on 127.0.0.1
//
// With SECONDS each connection is pinged once in so many, a share of them each second. What is read is
// rewritten where it lies: a client's frame, less its mask, is the server's. So each read is one pass
// over the bytes and one write. Connections to /fanout get what any of them sends.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 256 << 10, EVENTS = 512, HEAD_BYTES = 4096, HEADER_BYTES = 14 };

typedef struct Connection {
    int socket;
    struct Connection *next, *last; // of those that are pinged
    uint8_t is_open, is_fanout, is_closing;
    uint8_t header_count, header[HEADER_BYTES];
    uint8_t mask[4];  // of the next payload byte on
    uint64_t left;    // of the payload
    uint8_t *waiting; // the head of a request, or what the kernel did not take
    size_t waiting_count;
} Connection;

static int epoll;
static uint8_t buffer[READ_BYTES];
static Connection **members;
static size_t member_count, member_room;
static Connection pinged = {.next = &pinged, .last = &pinged}; // the one that waits longest first
static size_t pinged_count;

// MARK: The handshake

static uint32_t rotated(uint32_t word, int count) { return word << count | word >> (32 - count); }

// SHA-1 of a text of 60 bytes, which with its padding are two blocks.
static void hash60(const char *text, uint8_t digest[20]) {
    uint8_t message[128] = {0};
    memcpy(message, text, 60);
    message[60] = 0x80;
    message[126] = 60 * 8 >> 8, message[127] = (uint8_t)(60 * 8);
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (int block = 0; block < 2; block++) {
        uint32_t w[80], v[5];
        for (int i = 0; i < 16; i++) {
            uint32_t word;
            memcpy(&word, message + 64 * block + 4 * i, 4);
            w[i] = ntohl(word);
        }
        for (int i = 16; i < 80; i++) w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        memcpy(v, state, sizeof v);
        for (int i = 0; i < 80; i++) {
            uint32_t b = v[1], c = v[2], d = v[3], mixed;
            if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5A827999;
            else if (i < 40) mixed = (b ^ c ^ d) + 0x6ED9EBA1;
            else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
            else mixed = (b ^ c ^ d) + 0xCA62C1D6;
            uint32_t next = rotated(v[0], 5) + mixed + v[4] + w[i];
            v[4] = d, v[3] = c, v[2] = rotated(b, 30), v[1] = v[0], v[0] = next;
        }
        for (int i = 0; i < 5; i++) state[i] += v[i];
    }
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t digest[20], char text[29]) {
    const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 7; i++) {
        uint32_t third = i < 6 ? digest[3 * i + 2] : 0;
        uint32_t bits = (uint32_t)digest[3 * i] << 16 | (uint32_t)digest[3 * i + 1] << 8 | third;
        for (int j = 0; j < 4; j++) text[4 * i + j] = digits[bits >> (18 - 6 * j) & 63];
    }
    text[27] = '=', text[28] = 0;
}

// MARK: Connections

static void unlink_pinged(Connection *c) {
    if (!c->next) return;
    c->next->last = c->last, c->last->next = c->next;
    pinged_count--;
}

static void link_pinged(Connection *c) {
    c->next = &pinged, c->last = pinged.last;
    c->last->next = c, pinged.last = c;
    pinged_count++;
}

static void drop(Connection *c) {
    for (size_t i = 0; c->is_fanout && i < member_count; i++)
        if (members[i] == c) {
            members[i] = members[--member_count];
            break;
        }
    unlink_pinged(c);
    close(c->socket);
    free(c->waiting);
    free(c);
}

static void watch(Connection *c, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->socket, &event);
}

// Keeps what could not be written, or not be read yet.
static void keep(Connection *c, const uint8_t *bytes, size_t count) {
    c->waiting = realloc(c->waiting, c->waiting_count + count);
    if (!c->waiting) abort();
    memcpy(c->waiting + c->waiting_count, bytes, count);
    c->waiting_count += count;
}

static void put(Connection *c, const uint8_t *bytes, size_t count) {
    ssize_t sent = 0;
    if (!c->waiting_count) sent = send(c->socket, bytes, count, MSG_NOSIGNAL);
    if (sent < 0) sent = 0;
    if ((size_t)sent == count) return;
    if (!c->waiting_count) watch(c, EPOLLOUT); // reads nothing until this is gone
    keep(c, bytes + sent, count - (size_t)sent);
}

static void put_waiting(Connection *c) {
    ssize_t sent = send(c->socket, c->waiting, c->waiting_count, MSG_NOSIGNAL);
    if (sent < 0) return;
    c->waiting_count -= (size_t)sent;
    memmove(c->waiting, c->waiting + sent, c->waiting_count);
    if (c->waiting_count) return;
    free(c->waiting);
    c->waiting = NULL;
    watch(c, EPOLLIN);
}

static int upgrade(Connection *c, const uint8_t *bytes, size_t count) {
    keep(c, bytes, count);
    if (c->waiting_count > HEAD_BYTES) return 0;
    keep(c, (const uint8_t *)"", 1);
    c->waiting_count--;
    const char *head = (const char *)c->waiting;
    if (!strstr(head, "\r\n\r\n")) return 1;
    const char *field = strcasestr(head, "\r\nSec-WebSocket-Key: ");
    if (!field || strlen(field) < 21 + 24) return 0;
    char text[61], accept[29], answer[200];
    uint8_t digest[20];
    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", field + 21);
    hash60(text, digest);
    base64(digest, accept);
    c->is_open = 1;
    link_pinged(c);
    if (!strncmp(head, "GET /fanout", 11)) {
        if (member_count == member_room) {
            member_room = member_room * 2 + 64;
            members = realloc(members, member_room * sizeof *members);
            if (!members) abort();
        }
        c->is_fanout = 1;
        members[member_count++] = c;
    }
    free(c->waiting);
    c->waiting = NULL;
    c->waiting_count = 0;
    int length = snprintf(
        answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    put(c, (const uint8_t *)answer, (size_t)length);
    return 1;
}

// MARK: Frames

// Unmasks `count` bytes, eight at a time, from `from` to `to`, which lies before it or is the same.
static void unmask(Connection *c, uint8_t *to, const uint8_t *from, size_t count) {
    uint64_t key, word;
    memcpy(&key, c->mask, 4);
    key |= key << 32;
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        memcpy(&word, from + i, 8);
        word ^= key;
        memcpy(to + i, &word, 8);
    }
    for (; i < count; i++) to[i] = from[i] ^ c->mask[i & 3];
    uint8_t rest[4];
    for (int j = 0; j < 4; j++) rest[j] = c->mask[(count + (size_t)j) & 3];
    memcpy(c->mask, rest, 4);
}

static size_t header_length(const Connection *c) {
    if (c->header_count < 2) return 2;
    int length = c->header[1] & 127;
    return length == 126 ? 8 : length == 127 ? 14 : 6;
}

// Turns what came into what goes out, in place, and returns how much that is.
static size_t rewrite(Connection *c, uint8_t *bytes, size_t count) {
    size_t in = 0, out = 0;
    while (in < count) {
        if (c->left) {
            size_t part = count - in < c->left ? count - in : c->left;
            unmask(c, bytes + out, bytes + in, part);
            in += part, out += part, c->left -= part;
            continue;
        }
        c->header[c->header_count++] = bytes[in++];
        size_t length = header_length(c);
        if (c->header_count < length) continue;
        uint64_t payload = c->header[1] & 127;
        if (payload > 125) {
            size_t digits = payload == 126 ? 2 : 8;
            payload = 0;
            for (size_t i = 0; i < digits; i++) payload = payload << 8 | c->header[2 + i];
        }
        if ((c->header[0] & 15) == 8) c->is_closing = 1;
        if ((c->header[0] & 15) == 9) c->header[0] ^= 9 ^ 10;
        c->header[1] &= 127;
        memcpy(c->mask, c->header + length - 4, 4);
        // Where a read cuts a header, its first bytes were in the read before: there is no room for
        // them here, unless some of this read went in already.
        size_t header = length - 4;
        if ((c->header[0] & 15) == 10) {
            // An answer to a ping.
        } else if (out + header > in) {
            put(c, c->header, header);
        } else {
            memcpy(bytes + out, c->header, header);
            out += header;
        }
        c->left = payload, c->header_count = 0;
    }
    return out;
}

static void receive(Connection *c) {
    ssize_t count = recv(c->socket, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return drop(c);
    if (!c->is_open) {
        if (!upgrade(c, buffer, (size_t)count)) drop(c);
        return;
    }
    size_t out = rewrite(c, buffer, (size_t)count);
    if (c->is_fanout && !c->is_closing)
        for (size_t i = 0; i < member_count; i++) put(members[i], buffer, out);
    else
        put(c, buffer, out);
    if (c->is_closing && !c->left) drop(c);
}

static void accept_all(int listener) {
    for (;;) {
        int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) return;
        int one = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        Connection *c = calloc(1, sizeof *c);
        if (!c) abort();
        c->socket = socket;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
    }
}

// MARK: Pings

// Pings a share of the connections, once a second, and returns the milliseconds until the next time.
static int ping(int seconds) {
    static struct timespec next;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!next.tv_sec) next = now;
    for (; now.tv_sec > next.tv_sec; next.tv_sec++)
        for (size_t left = pinged_count / (size_t)seconds; left; left--) {
            Connection *c = pinged.next;
            unlink_pinged(c);
            link_pinged(c);
            put(c, (const uint8_t *)"\x89", 2);
        }
    return 1000 - (int)(now.tv_nsec / 1000000);
}

int main(int count, char **words) {
    int seconds = count > 1 ? atoi(words[1]) : 0;
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096) ||
        getsockname(listener, (struct sockaddr *)&address, &length) ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) {
        perror("limit");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, seconds > 0 ? ping(seconds) : -1);
        for (int i = 0; i < ready; i++) {
            Connection *c = events[i].data.ptr;
            if (!c) accept_all(listener);
            else if (events[i].events & EPOLLOUT) put_waiting(c);
            else receive(c);
        }
    }
}
