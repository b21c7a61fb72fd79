// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.storage.ValueCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Values as they are on disk somewhere: {@code src/test/resources/golden/NAME.hex}. */
public final class Golden {
    private Golden() {}

    /** The codec writes the golden bytes for this value, and reads them as it. */
    public static <V> void check(String name, ValueCodec<V> codec, V value) {
        byte[] golden = bytes(name);
        assertThat(HexFormat.of().formatHex(codec.write(value)))
                .as(name)
                .isEqualTo(HexFormat.of().formatHex(golden));
        assertThat(codec.read(golden)).as(name).isEqualTo(value);
    }

    /** The golden bytes, of a format that is no longer written. */
    public static byte[] bytes(String name) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name + ".hex")) {
            assertThat(in).as("golden/" + name + ".hex").isNotNull();
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
