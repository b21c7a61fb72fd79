// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.upload;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.Golden;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is on the disk, and what is believed of headers. */
class UploadFormatsTest {
    @Test
    void uploadIsTheGoldenOne() {
        Golden.check(
                "upload-1",
                Upload.CODEC,
                new Upload(
                        "juliet",
                        "très cool.jpg",
                        "image/jpeg",
                        23_456,
                        1_760_000_300,
                        1_762_592_000,
                        Upload.State.RECEIVED));
    }

    @Test
    void usageIsTheGoldenOne() {
        Golden.check("upload-usage-1", Usage.CODEC, new Usage(3, 1_000_000, 20_370, 300_000));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "bytes=0-9, 0, 10",
                "bytes=90-, 90, 10",
                "bytes=90-500, 90, 10",
                "bytes=-10, 90, 10",
                "bytes=-500, 0, 100",
                "bytes=99-99, 99, 1",
                "bytes=100-, 100, 0",
                "bytes=-0, 100, 0",
                "bytes=9-0, -, -",
                "bytes=-, -, -",
                "'bytes=0-1,3-4', -, -",
                "items=0-1, -, -",
                "bytes=0x1-2, -, -",
                "bytes=99999999999999999999-, -, -",
                "-, -, -"
            })
    void rangeIsOnePartOfTheFile(String header, Long first, Long length) {
        assertThat(ByteRange.parse(header, 100)).isEqualTo(first == null ? null : new ByteRange(first, length));
    }

    @ParameterizedTest
    @CsvSource({
        "image/png, image/png, true",
        "IMAGE/JPEG; a=b, image/jpeg, true",
        "video/mp4, video/mp4, true",
        "image/svg+xml, image/svg+xml, false",
        "text/html, text/html, false",
        "application/xhtml+xml, application/xhtml+xml, false",
        "'image/png\r\nX: y', application/octet-stream, false",
        "image, application/octet-stream, false",
        "'', application/octet-stream, false"
    })
    void onlyMediaWithoutScriptsAreShown(String declared, String type, boolean shown) {
        assertThat(ContentTypes.of(declared)).isEqualTo(type);
        assertThat(ContentTypes.isMedia(type)).isEqualTo(shown);
    }

    @Test
    void typesAreAllowedByPattern() {
        assertThat(ContentTypes.isAllowed("text/plain", List.of())).isTrue();
        assertThat(ContentTypes.isAllowed("image/png", List.of("image/*"))).isTrue();
        assertThat(ContentTypes.isAllowed("imagex/png", List.of("image/*"))).isFalse();
        assertThat(ContentTypes.isAllowed("application/pdf", List.of("image/*", "application/pdf")))
                .isTrue();
    }
}
