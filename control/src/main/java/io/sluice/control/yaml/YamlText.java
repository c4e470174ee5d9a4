package io.sluice.control.yaml;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Bytes of a file into text that YAML allows, or a message about the first byte that is not. */
final class YamlText {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private YamlText() {
    }

    static String decode(final byte[] bytes) throws InvalidConfigException {
        final ByteBuffer in = ByteBuffer.wrap(bytes);
        final CharBuffer out = CharBuffer.allocate(bytes.length);
        final CoderResult result = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(in, out, true);
        out.flip();
        if (result.isError()) {
            throw new InvalidConfigException(positionOf(out, out.length()),
                String.format("byte 0x%02x is not UTF-8; save the file as UTF-8", in.get(in.position()) & 0xff));
        }
        final int from = out.length() > 0 && out.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
        for (int i = from; i < out.length(); i++) {
            if (!isPrintable(out.charAt(i))) {
                throw new InvalidConfigException(positionOf(out, i),
                    String.format("the character U+%04X is not allowed; is this a text file?", (int) out.charAt(i)));
            }
        }
        return out.subSequence(from, out.length()).toString();
    }

    /** YAML 1.1, 5.1: the printable characters. Surrogates are in order, the decoder has checked them. */
    private static boolean isPrintable(final char c) {
        return c == '\t' || c == '\n' || c == '\r' || c >= 0x20 && c <= 0x7e || c == 0x85 || c >= 0xa0 && c <= 0xfffd
            && c != BYTE_ORDER_MARK;
    }

    private static Position positionOf(final CharSequence text, final int index) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < index; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new Position(line, index - lineStart + 1);
    }
}
