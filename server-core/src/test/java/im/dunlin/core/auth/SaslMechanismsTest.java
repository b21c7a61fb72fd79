// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static im.dunlin.core.auth.SaslFixture.BINDABLE;
import static im.dunlin.core.auth.SaslFixture.DOMAIN;
import static im.dunlin.core.auth.SaslFixture.UNBINDABLE;
import static im.dunlin.core.auth.SaslFixture.mechanisms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SaslMechanismsTest {

    @Test
    void strongestComesFirst() {
        assertThat(mechanisms().offer(DOMAIN, BINDABLE).mechanisms())
                .containsExactly(
                        "SCRAM-SHA-512-PLUS",
                        "SCRAM-SHA-256-PLUS",
                        "SCRAM-SHA-1-PLUS",
                        "SCRAM-SHA-512",
                        "SCRAM-SHA-256",
                        "SCRAM-SHA-1",
                        "PLAIN");
    }

    /** T02. */
    @Test
    void nothingIsOfferedWithoutTls() {
        SaslOffer offer = mechanisms().offer(DOMAIN, null);

        assertThat(offer.mechanisms()).isEmpty();
        assertThat(offer.bindingTypes()).isEmpty();
        assertThat(offer.begin("PLAIN")).isNull();
        assertThat(offer.begin("SCRAM-SHA-256")).isNull();
    }

    /** XEP-0440: one without the other makes correct clients give up. */
    @Test
    void bindingTypesAreAnnouncedExactlyWithPlus() {
        assertThat(mechanisms().offer(DOMAIN, BINDABLE).bindingTypes())
                .containsExactly("tls-exporter", "tls-server-end-point");

        SaslOffer unbindable = mechanisms().offer(DOMAIN, UNBINDABLE);
        assertThat(unbindable.mechanisms()).containsExactly("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN");
        assertThat(unbindable.bindingTypes()).isEmpty();

        assertThat(mechanisms("PLAIN").offer(DOMAIN, BINDABLE).bindingTypes()).isEmpty();
    }

    @Test
    void onlyWhatWasOfferedCanBeBegun() {
        SaslOffer offer = mechanisms("SCRAM-SHA-256").offer(DOMAIN, UNBINDABLE);

        assertThat(offer.begin("SCRAM-SHA-256")).isNotNull();
        assertThat(offer.begin("SCRAM-SHA-256-PLUS")).isNull();
        assertThat(offer.begin("PLAIN")).isNull();
        assertThat(offer.begin("scram-sha-256")).isNull();
        assertThat(offer.begin("")).isNull();
    }

    @Test
    void unknownNameIsAConfigurationError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mechanisms("DIGEST-MD5"))
                .withMessageContaining("DIGEST-MD5")
                .withMessageContaining("SCRAM-SHA-256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SaslMechanisms(Set.of(), SaslFixture.CHEAP, new byte[32], SaslFixture.RANDOM));
    }

    @Test
    void shortSecretIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new SaslMechanisms(Set.of("PLAIN"), SaslFixture.CHEAP, new byte[31], SaslFixture.RANDOM));
    }

    @Test
    void base64HasOneSpelling() {
        assertThat(StrictText.base64("AQID")).containsExactly(1, 2, 3);
        assertThat(StrictText.base64("AQ==")).containsExactly(1);
        assertThat(StrictText.base64("")).isEmpty();
        for (String wrong : new String[] {"AQ", "AQ=", "AR==", "AQ==\n", " AQ==", "AQ-_", "A", "=", "AQ==AQ=="}) {
            assertThat(StrictText.base64(wrong)).as(wrong).isNull();
        }
    }
}
