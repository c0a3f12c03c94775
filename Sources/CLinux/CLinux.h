// The Linux calls that Swift's Glibc module does not export. Declarations only: the definitions
// are the C library's own.
#ifndef ROOKERY_CLINUX_H
#define ROOKERY_CLINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#endif
