// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.testing.Golden;
import im.dunlin.core.testing.TestXml;
import im.dunlin.push.PushFixture;
import im.dunlin.push.payload.Capability;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.OwnerKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is on disk stays readable. */
class RegistrationFormatTest {
    private static final OwnerKey JULIET = new OwnerKey(287, 5);
    private static final byte[] PLAIN = "a token".getBytes(StandardCharsets.US_ASCII);

    private final Sealing sealing = new Sealing(new byte[32]);

    @Test
    void valuesAreAsTheyWere() {
        Registration registration = new Registration(
                1_760_000_300_000_000L,
                Dialect.STANDARD,
                Jid.of("push.example"),
                "k3Jq7VdF0aXw",
                "i:D4565FA7-4D72-4749-B3D3-740EDBF87770",
                TestXml.parse(PushFixture.form("q0Wm")),
                List.of(TestXml.parse("<priority xmlns='tigase:push:priority:0'/>")),
                new Wishes(
                        null, false, Set.of(Capability.TIGASE_PRIORITY), Filters.NONE, null, null, null, Duration.ZERO),
                1_760_000_300_000_000L,
                1_760_000_400_000_000L,
                new Health(1, 1, 2, 1_760_000_500_000_000L, 0, "item-not-found"));

        Golden.check("registration", RegistrationCodec.VALUE, registration);
        Golden.check(
                "push-changes", Registrations.CHANGES.values(), new Registrations.Changes(1_760_000_300_000_000L, 7));
    }

    @Test
    void ordinalsOnDiskKeepTheirMeaning() {
        assertThat(Dialect.values()).containsExactly(Dialect.STANDARD, Dialect.XABBER, Dialect.PUSH2);
    }

    @Test
    void sealedRowIsReadInItsPlaceAlone() {
        byte[] sealed = sealing.seal("t", JULIET, 7, PLAIN);
        assertThat(sealing.open("t", JULIET, 7, sealed)).isEqualTo(PLAIN);
        assertThat(sealing.seal("t", JULIET, 7, PLAIN)).isNotEqualTo(sealed);

        assertThatThrownBy(() -> sealing.open("u", JULIET, 7, sealed)).isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> sealing.open("t", new OwnerKey(287, 6), 7, sealed))
                .isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> sealing.open("t", JULIET, 8, sealed)).isInstanceOf(CorruptionException.class);
        byte[] changed = sealed.clone();
        changed[changed.length - 1] ^= 1;
        assertThatThrownBy(() -> sealing.open("t", JULIET, 7, changed)).isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> sealing.open("t", JULIET, 7, new byte[5])).isInstanceOf(CorruptionException.class);
    }
}
