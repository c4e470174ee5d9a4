package io.sluice.ttm.sample;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** The command line; the same words as for the samples in other languages. */
final class Arguments {
    private static final String USAGE = "usage: ttm-server [--port 8000] [--family dual|ipv4|ipv6] [--bind ADDRESS] [--name NAME]"
        + " [--once | --count N] [--udp] [--plain-socket]";

    String family = "dual";
    String name = "";
    boolean udp;
    /** ServerSocket instead of ServerSocketChannel. */
    boolean plainSocket;
    /** Connections or datagrams until we end; 0 is for ever. */
    long count;

    private int port = 8000;
    private String bind;

    static Arguments parse(String[] words) {
        Arguments arguments = new Arguments();
        for (int at = 0; at < words.length; at++) {
            switch (words[at]) {
                case "--port":
                    arguments.port = (int) number(word(words, ++at), 65535);
                    break;
                case "--family":
                    arguments.family = word(words, ++at);
                    break;
                case "--bind":
                    arguments.bind = word(words, ++at);
                    break;
                case "--name":
                    arguments.name = word(words, ++at) + " ";
                    break;
                case "--once":
                    arguments.count = 1;
                    break;
                case "--count":
                    arguments.count = number(word(words, ++at), Long.MAX_VALUE);
                    break;
                case "--udp":
                    arguments.udp = true;
                    break;
                case "--plain-socket":
                    arguments.plainSocket = true;
                    break;
                default:
                    throw new IllegalArgumentException("there is no option '" + words[at] + "'\n" + USAGE);
            }
        }
        if (!arguments.family.matches("dual|ipv4|ipv6")) {
            throw new IllegalArgumentException("there is no family '" + arguments.family + "'\n" + USAGE);
        }
        return arguments;
    }

    /** Where to listen. On "::" Java takes both families; it has no way to ask for IPv6 alone. */
    InetSocketAddress address() throws UnknownHostException {
        String everywhere = family.equals("ipv4") ? "0.0.0.0" : "::";
        return new InetSocketAddress(InetAddress.getByName(bind != null ? bind : everywhere), port);
    }

    private static String word(String[] words, int at) {
        if (at == words.length) {
            throw new IllegalArgumentException("'" + words[at - 1] + "' needs a value\n" + USAGE);
        }
        return words[at];
    }

    private static long number(String word, long most) {
        long number = word.matches("[0-9]{1,18}") ? Long.parseLong(word) : 0;
        if (number < 1 || number > most) {
            throw new IllegalArgumentException("'" + word + "' is no number of 1 to " + most);
        }
        return number;
    }
}
