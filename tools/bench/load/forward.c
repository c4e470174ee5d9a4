/* What forwarding costs when nothing is known of connections: addresses of IPv4 packets are replaced by fixed ones between two packet
 * sockets, with super-frames and partial checksums, as short as that can be done in C. No table, no timers, no options, no sequence
 * numbers, no neighbours, no fragments: the floor under a load balancer that uses the same sockets.
 *
 *   forward FRONT BACK CLIENT VIP LOCAL SERVER SERVER CLIENT_MAC SERVER_MAC
 *
 * Client to VIP becomes local address to one of the servers, by the client's port; what the servers answer goes the way back. Runs until
 * it is killed.
 */
#define _GNU_SOURCE /* recvmmsg, sendmmsg */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23 /* linux/if_packet.h */
#endif

enum { BATCH = 64, VNET = 10, FRAME = 66000, TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 };

struct side {
    int fd;
    uint8_t own[ETH_ALEN], next[ETH_ALEN];
};

static struct {
    struct side front, back;
    uint32_t client, vip, local, servers[2];
    uint8_t frames[BATCH][VNET + FRAME];
} run;

static void open_side(struct side *side, const char *name, const char *next)
{
    const int on = 1, buffer = 4 << 20;
    struct ifreq request = {0};
    side->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
    if (side->fd < 0 || ioctl(side->fd, SIOCGIFHWADDR, &request) != 0
        || setsockopt(side->fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0
        || setsockopt(side->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0
        || setsockopt(side->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) != 0
        || bind(side->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        FAIL("forward: %s: %m", name);
    memcpy(side->own, request.ifr_hwaddr.sa_data, ETH_ALEN);
    if (sscanf(next, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &side->next[0], &side->next[1], &side->next[2], &side->next[3], &side->next[4],
            &side->next[5]) != ETH_ALEN)
        FAIL("forward: %s is no link-layer address", next);
}

static uint32_t address(const char *text)
{
    struct in_addr parsed;
    if (inet_pton(AF_INET, text, &parsed) != 1)
        FAIL("forward: %s is no address", text);
    return parsed.s_addr;
}

/* Adds to a ones' complement sum what replacing four bytes changes in it. */
static uint32_t replaced(uint32_t sum, uint32_t before, uint32_t after)
{
    return sum + (~before & 0xffff) + (~before >> 16) + (after & 0xffff) + (after >> 16);
}

static uint16_t folded(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum + (sum >> 16));
}

/* Rewrites a frame; false if it is not to be forwarded. */
static bool translate(uint8_t *message, size_t length, bool from_front)
{
    uint8_t *flags = message + offsetof(struct virtio_net_hdr, flags), *frame = message + VNET;
    struct iphdr ip;
    uint16_t checksum;
    if (length < VNET + ETH_HLEN + sizeof ip + sizeof(struct udphdr) || frame[12] != 0x08 || frame[13] != 0)
        return false;
    memcpy(&ip, frame + ETH_HLEN, sizeof ip);
    if (ip.version != 4 || (ip.protocol != IPPROTO_TCP && ip.protocol != IPPROTO_UDP) || ip.daddr != (from_front ? run.vip : run.local))
        return false;
    uint8_t *transport = frame + ETH_HLEN + ip.ihl * 4;
    if (transport + (ip.protocol == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr)) > message + length)
        return false;
    const int port = transport[0] << 8 | transport[1];
    const uint32_t source = from_front ? run.local : run.vip, target = from_front ? run.servers[port >> 1 & 1] : run.client;

    uint8_t *field = transport + (ip.protocol == IPPROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
    memcpy(&checksum, field, sizeof checksum);
    *flags &= VIRTIO_NET_HDR_F_NEEDS_CSUM;
    if (*flags)
        checksum = folded(replaced(replaced(checksum, ip.saddr, source), ip.daddr, target));
    else if (ip.protocol == IPPROTO_TCP || checksum != 0)
        checksum = (uint16_t)~folded(replaced(replaced((uint16_t)~checksum, ip.saddr, source), ip.daddr, target));
    memcpy(field, &checksum, sizeof checksum);

    uint32_t sum = replaced(replaced((uint16_t)~ip.check, ip.saddr, source), ip.daddr, target);
    sum += (uint16_t)~htons((uint16_t)(ip.ttl << 8)) + htons((uint16_t)((ip.ttl - 1) << 8));
    ip.ttl--;
    ip.saddr = source;
    ip.daddr = target;
    ip.check = (uint16_t)~folded(sum);
    memcpy(frame + ETH_HLEN, &ip, sizeof ip);
    const struct side *out = from_front ? &run.back : &run.front;
    memcpy(frame, out->next, ETH_ALEN);
    memcpy(frame + ETH_ALEN, out->own, ETH_ALEN);
    return true;
}

static void forward(const struct side *in, const struct side *out, bool from_front)
{
    static struct mmsghdr received[BATCH], sent[BATCH];
    static struct iovec buffers[BATCH], kept[BATCH];
    for (int i = 0; i < BATCH; i++) {
        buffers[i] = (struct iovec){run.frames[i], sizeof run.frames[i]};
        received[i].msg_hdr = (struct msghdr){.msg_iov = &buffers[i], .msg_iovlen = 1};
    }
    const int count = recvmmsg(in->fd, received, BATCH, MSG_DONTWAIT, NULL);
    unsigned ready = 0;
    for (int i = 0; i < count; i++) {
        if (!translate(run.frames[i], received[i].msg_len, from_front))
            continue;
        kept[ready] = (struct iovec){run.frames[i], received[i].msg_len};
        sent[ready].msg_hdr = (struct msghdr){.msg_iov = &kept[ready], .msg_iovlen = 1};
        ready++;
    }
    for (unsigned next = 0; next < ready;) {
        const int done = sendmmsg(out->fd, sent + next, ready - next, MSG_DONTWAIT);
        next += done > 0 ? (unsigned)done : 1;
    }
}

int main(int argc, char **argv)
{
    if (argc != 10)
        FAIL("usage: forward FRONT BACK CLIENT VIP LOCAL SERVER SERVER CLIENT_MAC SERVER_MAC");
    open_side(&run.front, argv[1], argv[8]);
    open_side(&run.back, argv[2], argv[9]);
    run.client = address(argv[3]);
    run.vip = address(argv[4]);
    run.local = address(argv[5]);
    run.servers[0] = address(argv[6]);
    run.servers[1] = address(argv[7]);
    struct pollfd both[] = {{.fd = run.front.fd, .events = POLLIN}, {.fd = run.back.fd, .events = POLLIN}};
    puts("forwarding");
    fflush(stdout);
    for (;;) {
        if (poll(both, 2, -1) < 0 && errno != EINTR)
            FAIL("forward: poll: %m");
        if (both[0].revents)
            forward(&run.front, &run.back, true);
        if (both[1].revents)
            forward(&run.back, &run.front, false);
    }
}
