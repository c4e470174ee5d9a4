package io.sluice.control.config;

/** A small configuration that uses most keys, for tests to change. */
public final class SampleConfig {
    /** The lines are numbered by the tests that look at positions: 19 of them. */
    public static final String YAML = """
        node: {name: lb-1, stateDirectory: /var/lib/sluice, socket: /run/sluice/api.sock}
        dataplane: {interfaces: [eth0, eth1]}
        localPools:
          - {name: edge, addresses: [10.2.0.100, "fd02::100"], ports: 5000-65535, interface: eth1}
        serverGroups:
          - name: web
            backends:
              - {serverIp: 10.2.0.11, port: 80, weight: 100}
              - {serverIp: 10.2.0.12, port: 80}
        acls: [{name: office, allow: [192.0.2.0/24]}]
        loadBalancers:
          - name: front
            address: 10.1.0.100
            interface: eth0
            localPool: edge
            serverGroup: web
            listeners:
              - {name: http, protocol: tcp, port: 80, acl: office}
              - {name: dns, protocol: udp, port: 53, proxyProtocol: true}
        """;

    private SampleConfig() {
    }

    /**
     * The sample with its state in another place.
     *
     * @param directory holds state and socket
     * @return the text
     */
    public static String in(final java.nio.file.Path directory) {
        return YAML.replace("/var/lib/sluice", directory.resolve("state").toString())
            .replace("/run/sluice/api.sock", directory.resolve("run/api.sock").toString());
    }
}
