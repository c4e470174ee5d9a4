package io.sluice.dataplane.os;

/**
 * BPF maps and programs: <a href="https://man7.org/linux/man-pages/man2/bpf.2.html">bpf(2)</a>. Keys and values are the
 * bytes of the C structures. Any thread. Every method throws {@link BpfException} when the kernel refuses.
 */
public interface Bpf {
    /** Program type of tc classifiers and actions. */
    int PROGRAM_TC = 3;
    /** {@code BPF_PROG_TYPE_SOCKET_FILTER}. */
    int PROGRAM_SOCKET = 1;
    /** Program type of XDP programs. */
    int PROGRAM_XDP = 6;
    /** An XDP program is run by the driver, before there is a socket buffer. */
    int XDP_NATIVE = 4;
    /** An XDP program is run by the network stack, with any driver. */
    int XDP_GENERIC = 2;
    /** What an XDP program returns to leave a frame to the kernel. */
    int XDP_PASS = 2;
    /** What an XDP program returns when it has named another receiver. */
    int XDP_REDIRECT = 4;

    /**
     * Makes a map.
     *
     * @param definition its type and sizes
     * @return file descriptor
     */
    int createMap(BpfObject.MapDefinition definition);

    /**
     * Loads a program.
     *
     * @param name         for bpftool, cut to 15 characters
     * @param type         such as {@link #PROGRAM_TC}
     * @param instructions with map file descriptors in place
     * @param license      of the program, such as GPL
     * @return file descriptor
     */
    int loadProgram(String name, int type, byte[] instructions, String license);

    /**
     * Sets an entry of a map.
     *
     * @param map   file descriptor
     * @param key   as long as the map's keys
     * @param value as long as the map's values; for per-CPU maps all CPUs' values
     */
    void update(int map, byte[] key, byte[] value);

    /**
     * Removes an entry of a map.
     *
     * @param map file descriptor
     * @param key as long as the map's keys
     * @return false if there was none
     */
    boolean delete(int map, byte[] key);

    /**
     * Reads an entry of a map.
     *
     * @param map         file descriptor
     * @param key         as long as the map's keys
     * @param valueLength bytes; for per-CPU maps those of all possible CPUs, each rounded up to eight
     * @return the value, or null if there is none
     */
    byte[] lookup(int map, byte[] key, int valueLength);

    /**
     * Attaches an XDP program to an interface by a link: it stays for as long as somebody holds the link's descriptor.
     *
     * @param program        file descriptor
     * @param interfaceIndex interface
     * @param mode           {@link #XDP_NATIVE} or {@link #XDP_GENERIC}
     * @return file descriptor of the link
     */
    int attachXdp(int program, int interfaceIndex, int mode);

    /**
     * Runs an XDP program on one frame, as if it had come in by queue 0 of the loopback interface
     * ({@code BPF_PROG_TEST_RUN}).
     *
     * @param program file descriptor
     * @param frame   at least 14 bytes
     * @return what the program returned, such as {@link #XDP_PASS}
     */
    int runXdp(int program, byte[] frame);

    /**
     * Gives up a descriptor; what the kernel still uses stays alive.
     *
     * @param fileDescriptor of a map or program
     */
    void close(int fileDescriptor);
}
