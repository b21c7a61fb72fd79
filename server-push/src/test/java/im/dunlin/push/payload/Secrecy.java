// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Looks for a word in bytes, in whatever common form it may stand there. */
public final class Secrecy {
    private static final List<Charset> CHARSETS =
            List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE);

    private Secrecy() {}

    /** As it is, in UTF-16, and in base64 of either alphabet wherever in the encoded it begins. */
    public static boolean tells(byte[] bytes, String word) {
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        return forms(word).stream().anyMatch(all::contains);
    }

    private static List<String> forms(String word) {
        List<String> forms = new ArrayList<>();
        for (Charset charset : CHARSETS) {
            byte[] encoded = word.getBytes(charset);
            forms.add(new String(encoded, StandardCharsets.ISO_8859_1));
            for (Base64.Encoder base64 : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                for (int offset = 0; offset < 3; offset++) {
                    forms.add(base64Inside(base64, encoded, offset));
                }
            }
        }
        return forms;
    }

    /** The characters that depend on the word alone when so many bytes stand before it. */
    private static String base64Inside(Base64.Encoder base64, byte[] word, int offset) {
        byte[] shifted = new byte[offset + word.length];
        System.arraycopy(word, 0, shifted, offset, word.length);
        String encoded = base64.withoutPadding().encodeToString(shifted);
        int begin = offset == 0 ? 0 : offset + 1;
        return encoded.substring(begin, shifted.length * 8 / 6);
    }
}
