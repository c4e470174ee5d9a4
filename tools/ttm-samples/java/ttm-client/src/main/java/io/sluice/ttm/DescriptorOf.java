package io.sluice.ttm;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;

/**
 * The number of a channel's open file, as the JDK keeps it. Java 8 to 15 tell it; 16 and newer only with
 * {@code --add-exports java.base/sun.nio.ch=ALL-UNNAMED}.
 */
final class DescriptorOf {
    private static final Method GET_NUMBER = find();

    private DescriptorOf() {
    }

    /** The number; -1 if the JDK does not tell, or the channel is not the JDK's own. */
    static int channel(SocketChannel channel) {
        if (GET_NUMBER == null || !GET_NUMBER.getDeclaringClass().isInstance(channel)) {
            return -1;
        }
        try {
            return (Integer) GET_NUMBER.invoke(channel);
        } catch (IllegalAccessException | InvocationTargetException e) {
            return -1;
        }
    }

    private static Method find() {
        try {
            Method method = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
            method.setAccessible(true);
            return method;
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Java 9 and newer throw an InaccessibleObjectException, which Java 8 has no class for.
            return null;
        }
    }
}
