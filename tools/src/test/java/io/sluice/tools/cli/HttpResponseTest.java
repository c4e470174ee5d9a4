package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpResponseTest {
    private static HttpResponse read(final String text) throws IOException {
        return HttpResponse.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void shouldReadALengthOrToTheEnd() throws Exception {
        assertThat(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc").text()).isEqualTo("ab");
        assertThat(read("HTTP/1.1 404 Not Found\r\n\r\nabc").text()).isEqualTo("abc");
        assertThat(read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length:0\r\n\r\n").status()).isEqualTo(201);
    }

    @ParameterizedTest
    @CsvSource({"'',closed", "'SSH-2.0-x\r\n',not HTTP", "'HTTP/1.1 2',closed",
        "'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc',ended after 3 of 5",
        "'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',no length"})
    void shouldRefuseWhatIsNoResponse(final String text, final String reason) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class).hasMessageContaining(reason);
    }

    @Test
    void shouldNotReadForEver() {
        assertThatThrownBy(() -> read("HTTP/1.1 200 OK\r\n" + "a: b\r\n".repeat(101))).hasMessageContaining("too many headers");
        assertThatThrownBy(() -> read("x".repeat(20_000))).hasMessageContaining("too long");
    }
}
