package io.sluice.dataplane.port.afpacket;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.PacketSocket;

/**
 * The interface under a port: which one it is, and whether it is there and up.
 *
 * <p>The packet threads only ever say that it is down ({@link #failed}); only {@link #check}, on the control thread, finds
 * out that it is up again. Frames still queued in the socket of a dead interface can therefore not revive it.
 */
final class Link {
    private final PacketSocket socket;
    private final NetworkDevice device;
    private final String name;
    private int index;
    private volatile boolean up;

    Link(final PacketSocket socket, final NetworkDevice device, final String name) {
        this.socket = socket;
        this.device = device;
        this.name = name;
    }

    /**
     * Whether frames can be received and sent. Any thread.
     *
     * @return false while the interface is down or away
     */
    boolean isUp() {
        return up;
    }

    /**
     * Takes note of an error of receiving or sending.
     *
     * @param errno of the call
     * @return true if it says that the interface is down or away
     */
    boolean failed(final int errno) {
        final boolean down = errno == Errno.ENETDOWN || errno == Errno.ENXIO || errno == Errno.ENODEV;
        if (down) {
            up = false;
        }
        return down;
    }

    /**
     * Finds the interface by its name and, if it is another one than before, moves the socket to it. An interface that is
     * down is left alone: binding to it would put an error on the socket. An error that the interface left behind when it
     * went down is taken away, or else it would cost the first burst afterwards.
     *
     * @return 0, or a negative errno of bind(2)
     */
    int check() {
        final int found = device.index(name);
        final int flags = device.flags(name);
        final boolean running = flags > 0 && (flags & NetworkDevice.IFF_UP) != 0;
        if (found <= 0 || !running || device.linkType(name) != NetworkDevice.ARPHRD_ETHER) {
            up = false;
            return 0;
        }
        if (!up || found != index) {
            socket.takeError();
        }
        final int result = found == index ? 0 : socket.bind(found);
        if (result == 0) {
            index = found;
        }
        up = result == 0;
        return result;
    }
}
