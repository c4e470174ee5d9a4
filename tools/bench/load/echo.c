/* Answers every byte on TCP and every datagram on UDP with itself, on the same port.
 *
 *   echo PORT
 */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int bound(int type, uint16_t port)
{
    const int on = 1, fd = socket(AF_INET, type, 0);
    const struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(fd, (const struct sockaddr *)&here, sizeof here) != 0)
        FAIL("echo: port %u: %m", port);
    return fd;
}

static void watch(int set, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
        FAIL("echo: epoll_ctl: %m");
}

static void welcome(int set, int listener)
{
    const int on = 1, fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(set, fd);
}

static void answer_stream(int fd)
{
    char bytes[4096];
    const ssize_t got = read(fd, bytes, sizeof bytes);
    if (got <= 0 || write(fd, bytes, (size_t)got) != got)
        close(fd);
}

/* From the address it was sent to: a real server has more than one. */
static void answer_datagram(int fd)
{
    char bytes[2048], control[256];
    struct sockaddr_in peer;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = control, .msg_controllen = sizeof control};
    const ssize_t got = recvmsg(fd, &message, 0);
    if (got < 0)
        return;
    part.iov_len = (size_t)got;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo *where = (struct in_pktinfo *)CMSG_DATA(head);
        where->ipi_spec_dst = where->ipi_addr;
        where->ipi_ifindex = 0;
    }
    sendmsg(fd, &message, 0);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        FAIL("usage: echo PORT");
    const uint16_t port = (uint16_t)atoi(argv[1]);
    const int on = 1, set = epoll_create1(0), listener = bound(SOCK_STREAM, port), datagrams = bound(SOCK_DGRAM, port);
    if (listen(listener, 1024) != 0 || setsockopt(datagrams, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0)
        FAIL("echo: port %u: %m", port);
    watch(set, listener);
    watch(set, datagrams);
    for (;;) {
        struct epoll_event events[64];
        const int ready = epoll_wait(set, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener)
                welcome(set, listener);
            else if (events[i].data.fd == datagrams)
                answer_datagram(datagrams);
            else
                answer_stream(events[i].data.fd);
        }
    }
}
