/* Holds connections by the million without a socket at either end: both ends answer packets themselves, behind a tun device, from
 * addresses that no kernel owns. To the load balancer they are TCP connections like any others: SYN, SYN-ACK, ACK, data.
 *
 *   hold servers TUN                          answers every SYN, and every byte with itself; remembers nothing
 *   hold clients TUN FIRST-ADDRESS VIP PORT   reads commands from standard input and prints a JSON line for each
 *
 *     open N SECONDS    until N are established   {"established":N,"reset":N,"seconds":S}
 *     probe N SECONDS   a byte on N of them       {"asked":N,"answered":N}
 *     first SECONDS     a byte on one of them every millisecond until one is answered
 *     knock SECONDS     a SYN every millisecond until one is answered
 *                       {"sent_ns":T,"answered_ns":T}  of CLOCK_MONOTONIC, 0 if there was no answer
 *
 * Each client address has PORTS_EACH connections, from port FIRST_PORT on.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PORTS_EACH = 60000, FIRST_PORT = 2000, AT_ONCE = 256, MSS = 1460, KNOCKING = 60000, MILLISECOND = 1000000 };

enum state { NEW, ASKED, ESTABLISHED, RESET };

struct connection {
    uint32_t next, expected; /* the sequence number we send next, and the one we expect */
    uint8_t state, waiting;  /* waiting: for the echo of a probe */
};

/* A TCP segment in an IPv4 packet, as it is read from and written to the tun device. */
struct packet {
    struct iphdr ip;
    struct tcphdr tcp;
    uint8_t rest[2000];
};

static struct {
    int tun;
    uint32_t first_address, vip; /* host order */
    uint16_t port;
    struct connection *all;
    uint32_t count, established, reset, answered;
    uint64_t last_answer; /* when the last byte or SYN-ACK came */
    uint32_t knocks;
} held;

static uint32_t sum(const void *bytes, size_t length, uint32_t start)
{
    const uint8_t *at = bytes;
    for (; length > 1; length -= 2, at += 2)
        start += (uint32_t)at[0] << 8 | at[1];
    return length ? start + ((uint32_t)at[0] << 8) : start;
}

static uint16_t folded(uint32_t value)
{
    while (value >> 16)
        value = (value & 0xffff) + (value >> 16);
    return htons((uint16_t)~value);
}

static uint16_t tcp_checksum(const struct packet *packet, size_t length)
{
    return folded(sum(&packet->tcp, length, sum(&packet->ip.saddr, 8, IPPROTO_TCP + (uint32_t)length)));
}

/* Completes headers and sends; addresses, ports, numbers and flags are set. Host order: to, from. */
static void put(struct packet *packet, uint32_t from, uint32_t to, size_t tcp_length)
{
    packet->ip.version = 4;
    packet->ip.ihl = 5;
    packet->ip.ttl = 64;
    packet->ip.protocol = IPPROTO_TCP;
    packet->ip.frag_off = htons(IP_DF);
    packet->ip.saddr = htonl(from);
    packet->ip.daddr = htonl(to);
    packet->ip.tot_len = htons((uint16_t)(20 + tcp_length));
    packet->ip.check = 0;
    packet->ip.check = folded(sum(&packet->ip, 20, 0));
    packet->tcp.window = htons(0xffff);
    packet->tcp.check = 0;
    packet->tcp.check = tcp_checksum(packet, tcp_length);
    if (write(held.tun, packet, 20 + tcp_length) < 0)
        FAIL("hold: write: %m");
}

/* A SYN or SYN-ACK has an MSS option, everything else none. */
static size_t finish_header(struct packet *packet, uint8_t payload, size_t payload_length)
{
    if (packet->tcp.syn) {
        const uint8_t option[] = {2, 4, MSS >> 8, MSS & 0xff};
        memcpy(packet->rest, option, sizeof option);
        packet->tcp.doff = 6;
        return 24;
    }
    packet->tcp.doff = 5;
    packet->rest[0] = payload;
    return 20 + payload_length;
}

/* Reads one whole and undamaged TCP packet; gives the number of its payload bytes, or -1 when there is none now. */
static int get(struct packet *packet, const uint8_t **payload)
{
    for (;;) {
        const ssize_t length = read(held.tun, packet, sizeof *packet);
        if (length < 0)
            return -1;
        if (length < 40 || packet->ip.version != 4 || packet->ip.ihl != 5 || packet->ip.protocol != IPPROTO_TCP
            || ntohs(packet->ip.tot_len) != length)
            continue;
        const size_t tcp_length = (size_t)length - 20, header = packet->tcp.doff * 4u;
        if (header < 20 || header > tcp_length || tcp_checksum(packet, tcp_length) != 0)
            continue;
        *payload = (const uint8_t *)&packet->tcp + header;
        return (int)(tcp_length - header);
    }
}

static void open_tun(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    held.tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (held.tun < 0 || ioctl(held.tun, TUNSETIFF, &request) != 0)
        FAIL("hold: tun device %s: %m", name);
}

static void await_packet(uint64_t until)
{
    struct pollfd wait = {.fd = held.tun, .events = POLLIN};
    const uint64_t now = now_ns();
    const struct timespec left = {.tv_sec = 0, .tv_nsec = until > now ? (long)(until - now) % (long)NANOSECONDS : 0};
    ppoll(&wait, 1, &left, NULL);
}

static void serve(void)
{
    struct packet in;
    const uint8_t *payload;
    struct pollfd wait = {.fd = held.tun, .events = POLLIN};
    for (;;) {
        const int length = get(&in, &payload);
        if (length < 0) {
            poll(&wait, 1, -1);
            continue;
        }
        if (in.tcp.rst || (!in.tcp.syn && !in.tcp.fin && length == 0))
            continue;
        struct packet out = {.tcp = {.source = in.tcp.dest, .dest = in.tcp.source, .ack = 1}};
        const uint32_t end = ntohl(in.tcp.seq) + (uint32_t)length + in.tcp.syn + in.tcp.fin;
        out.tcp.syn = in.tcp.syn;
        out.tcp.fin = in.tcp.fin;
        out.tcp.psh = length > 0;
        out.tcp.ack_seq = htonl(end);
        /* The number of a first answer follows from the peer's, so nothing has to be remembered. */
        out.tcp.seq = in.tcp.syn ? ~in.tcp.seq : in.tcp.ack_seq;
        put(&out, ntohl(in.ip.daddr), ntohl(in.ip.saddr), finish_header(&out, *payload, length > 0));
    }
}

static void send_segment(uint32_t index, bool syn, bool data)
{
    struct connection *connection = &held.all[index];
    struct packet out = {.tcp = {.source = htons((uint16_t)(FIRST_PORT + index % PORTS_EACH)), .dest = htons(held.port),
        .seq = htonl(connection->next), .ack_seq = htonl(connection->expected), .syn = syn, .ack = !syn, .psh = data}};
    put(&out, held.first_address + index / PORTS_EACH, held.vip, finish_header(&out, (uint8_t)index, data));
}

static void ask(uint32_t index)
{
    if (held.all[index].state == NEW) {
        held.all[index].state = ASKED;
        held.all[index].next = index * 2654435761u;
    }
    send_segment(index, true, false);
}

static void on_packet(const struct packet *in, const uint8_t *payload, int length)
{
    const uint32_t index = (ntohl(in->ip.daddr) - held.first_address) * PORTS_EACH + ntohs(in->tcp.dest) - FIRST_PORT;
    if (index >= held.count + KNOCKING || ntohl(in->ip.saddr) != held.vip || ntohs(in->tcp.source) != held.port)
        return;
    struct connection *connection = &held.all[index];
    if (in->tcp.rst) {
        held.reset += connection->state != RESET;
        held.established -= connection->state == ESTABLISHED;
        connection->state = RESET;
    } else if (in->tcp.syn && in->tcp.ack && connection->state == ASKED && ntohl(in->tcp.ack_seq) == connection->next + 1) {
        connection->state = ESTABLISHED;
        connection->next++;
        connection->expected = ntohl(in->tcp.seq) + 1;
        held.established += index < held.count;
        held.last_answer = now_ns();
        send_segment(index, false, false);
    } else if (connection->state == ESTABLISHED && in->tcp.syn) {
        send_segment(index, false, false);
    } else if (connection->state == ESTABLISHED && length == 1 && ntohl(in->tcp.seq) == connection->expected
               && *payload == (uint8_t)index) {
        connection->expected++;
        connection->next = ntohl(in->tcp.ack_seq);
        held.answered += connection->waiting;
        connection->waiting = 0;
        held.last_answer = now_ns();
        send_segment(index, false, false);
    }
}

static void take_all(uint64_t until)
{
    struct packet in;
    const uint8_t *payload;
    int length;
    await_packet(until);
    while ((length = get(&in, &payload)) >= 0)
        on_packet(&in, payload, length);
}

static void open_connections(uint32_t count, double seconds)
{
    const uint64_t start = now_ns(), end = start + (uint64_t)(seconds * NANOSECONDS);
    uint64_t progress = start;
    uint32_t next = 0, before = 0;
    held.all = calloc(count + KNOCKING, sizeof *held.all);
    held.count = count;
    if (held.all == NULL)
        FAIL("hold: no memory for %u connections", count);
    while (held.established + held.reset < count && now_ns() < end) {
        while (next < count && next - held.established - held.reset < AT_ONCE)
            ask(next++);
        take_all(now_ns() + 10 * MILLISECOND);
        if (before != held.established) {
            before = held.established;
            progress = now_ns();
        } else if (now_ns() - progress > NANOSECONDS / 2) {
            for (uint32_t i = 0; i < next; i++)
                if (held.all[i].state == ASKED)
                    ask(i);
            progress = now_ns();
        }
    }
    printf("{\"established\":%u,\"reset\":%u,\"seconds\":%.3f}\n", held.established, held.reset, (double)(now_ns() - start) / NANOSECONDS);
}

static uint32_t random_connection(void)
{
    return (uint32_t)(((uint64_t)random() << 16 ^ (uint64_t)random()) % held.count);
}

static void probe(uint32_t count, double seconds)
{
    const uint64_t end = now_ns() + (uint64_t)(seconds * NANOSECONDS);
    uint32_t asked = 0;
    held.answered = 0;
    for (uint32_t tries = 0; asked < count && tries < 4 * count; tries++) {
        const uint32_t index = random_connection();
        if (held.all[index].state != ESTABLISHED || held.all[index].waiting)
            continue;
        held.all[index].waiting = 1;
        send_segment(index, false, true);
        asked++;
        take_all(now_ns());
    }
    while (held.answered < asked && now_ns() < end)
        take_all(now_ns() + MILLISECOND);
    printf("{\"asked\":%u,\"answered\":%u}\n", asked, held.answered);
}

/* Something every millisecond until an answer comes. */
static void await_first(bool existing, double seconds)
{
    const uint64_t start = now_ns(), end = start + (uint64_t)(seconds * NANOSECONDS);
    uint64_t due = start;
    if (held.all == NULL)
        held.all = calloc(KNOCKING, sizeof *held.all);
    held.last_answer = 0;
    while (held.last_answer == 0 && now_ns() < end) {
        if (now_ns() >= due) {
            due += MILLISECOND;
            if (existing)
                send_segment(random_connection(), false, true);
            else
                ask(held.count + held.knocks++ % KNOCKING);
        }
        take_all(due);
    }
    printf("{\"sent_ns\":%llu,\"answered_ns\":%llu}\n", (unsigned long long)start, (unsigned long long)held.last_answer);
}

static void obey(void)
{
    char line[128];
    while (fgets(line, sizeof line, stdin) != NULL) {
        unsigned count;
        double seconds;
        if (sscanf(line, "open %u %lf", &count, &seconds) == 2 && held.all == NULL)
            open_connections(count, seconds);
        else if (sscanf(line, "probe %u %lf", &count, &seconds) == 2 && held.count > 0)
            probe(count, seconds);
        else if (sscanf(line, "first %lf", &seconds) == 1 && held.count > 0)
            await_first(true, seconds);
        else if (sscanf(line, "knock %lf", &seconds) == 1)
            await_first(false, seconds);
        else
            FAIL("hold: what is this? %s", line);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "servers") == 0) {
        open_tun(argv[2]);
        serve();
    }
    if (argc != 6 || strcmp(argv[1], "clients") != 0)
        FAIL("usage: hold servers TUN | hold clients TUN FIRST-ADDRESS VIP PORT");
    struct in_addr first, vip;
    if (inet_pton(AF_INET, argv[3], &first) != 1 || inet_pton(AF_INET, argv[4], &vip) != 1)
        FAIL("hold: %s or %s is not an IPv4 address", argv[3], argv[4]);
    held.first_address = ntohl(first.s_addr);
    held.vip = ntohl(vip.s_addr);
    held.port = (uint16_t)atoi(argv[5]);
    open_tun(argv[2]);
    obey();
    return 0;
}
