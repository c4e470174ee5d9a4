package io.sluice.control.http;

import io.helidon.webserver.http.ServerRequest;
import io.sluice.control.yaml.NearestName;
import io.sluice.dataplane.api.Protocol;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** The query of a request, read strictly: a name that the route does not know is refused, not ignored. */
final class Query {
    private final ServerRequest request;

    private Query(final ServerRequest request) {
        this.request = request;
    }

    static Query of(final ServerRequest request, final String... known) {
        final List<String> names = List.of(known);
        for (final String name : request.query().names()) {
            if (!names.contains(name)) {
                throw ProblemException.badRequest("the query parameter \"" + name + "\" is not known here"
                    + (names.isEmpty() ? "; there are none" : NearestName.hint(name, names)));
            }
            if (request.query().all(name).size() > 1) {
                throw ProblemException.badRequest("the query parameter \"" + name + "\" is there twice; keep one of them");
            }
        }
        return new Query(request);
    }

    Optional<String> text(final String name) {
        return request.query().contains(name) ? Optional.of(request.query().get(name)) : Optional.empty();
    }

    String required(final String name) {
        return text(name).orElseThrow(() -> ProblemException.badRequest("the query parameter \"" + name + "\" is missing"));
    }

    boolean truth(final String name) {
        return switch (text(name).orElse("false")) {
            case "true", "" -> true;
            case "false" -> false;
            default -> throw ProblemException.badRequest(name + ": \"" + required(name) + "\" is neither true nor false");
        };
    }

    int number(final String name, final int otherwise, final int min, final int max) {
        final Optional<String> text = text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (!text.get().matches("\\d{1,9}") || Integer.parseInt(text.get()) < min || Integer.parseInt(text.get()) > max) {
            throw ProblemException.badRequest(name + ": \"" + text.get() + "\" is not a number within " + min + " and " + max);
        }
        return Integer.parseInt(text.get());
    }

    Optional<Protocol> protocol(final String name) {
        return text(name).map(text -> switch (text) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw ProblemException.badRequest(name + ": \"" + text + "\" is neither tcp nor udp");
        });
    }

    InetSocketAddress endpoint(final String name) {
        final String text = required(name);
        return EndpointFilter.parse(text).flatMap(EndpointFilter::single).orElseThrow(() -> ProblemException.badRequest(name + ": \""
            + text + "\" is no address with a port; write 192.0.2.10:443 or [2001:db8::10]:443"));
    }

    Optional<EndpointFilter> filter(final String name) {
        return text(name).map(text -> EndpointFilter.parse(text).orElseThrow(() -> ProblemException.badRequest(name + ": \"" + text
            + "\" is neither an address, a prefix, nor an address with a port; write 192.0.2.10, 192.0.2.0/24, 192.0.2.10:443, "
            + "2001:db8::10 or [2001:db8::10]:443")));
    }
}
