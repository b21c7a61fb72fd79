// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://push.example/x",
                "ftp://push.example/x",
                "mailto:push@example",
                "https:push.example",
                "/x",
                "https:///x",
                "https://user@push.example/x",
                "https://user:pass@push.example/x",
                "https://push.example/x#y",
                "https://127.0.0.1/",
                "https://127.1/",
                "https://2130706433/",
                "https://0x7f.0.0.1/",
                "https://[::1]/",
                "https://[::ffff:10.0.0.1]/",
                "https://push.example:0/",
                "https://push.example:70000/",
                "https://push.example./",
                "https://push_er.example/",
                "https://-push.example/",
                "https://push.example/\u00e9"
            })
    void urlThatIsNotOfAWebPushServerIsRefused(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> Origin.of(URI.create(url)));
    }

    @Test
    void longUrlIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Origin.of(URI.create("https://push.example/" + "x".repeat(1_000))));
    }

    @Test
    void originIsNamedWithoutTheDefaultPort() {
        assertThat(Origin.of(URI.create("https://Push.Example:443/a?b"))).hasToString("https://push.example");
        assertThat(Origin.of(URI.create("https://push.example:8443/"))).hasToString("https://push.example:8443");
    }

    @Test
    void targetIsPathAndQueryAsWritten() {
        assertThat(Origin.target(URI.create("https://push.example/a%2Fb?c=%20")))
                .isEqualTo("/a%2Fb?c=%20");
        assertThat(Origin.target(URI.create("https://push.example"))).isEqualTo("/");
    }
}
