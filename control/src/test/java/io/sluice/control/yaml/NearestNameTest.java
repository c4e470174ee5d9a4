package io.sluice.control.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
    private static final List<String> KEYS = List.of("port", "protocol", "serverGroup", "maxConnections", "acl");

    @ParameterizedTest
    @CsvSource({"prot,port", "pots,port", "protcol,protocol", "server_group,serverGroup", "SERVERGROUP,serverGroup", "alc,acl",
        "max-connections,maxConnections", "maxConection,maxConnections"})
    void shouldFindWhatWasMeant(final String written, final String meant) {
        assertThat(NearestName.among(written, KEYS)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"xyz", "weight", "p", "''"})
    void shouldNotGuess(final String written) {
        assertThat(NearestName.among(written, KEYS)).isEmpty();
    }

    @Test
    void shouldNotBeSlowForEnormousNames() {
        assertThat(NearestName.among("x".repeat(1_000_000), KEYS)).isEmpty();
    }
}
