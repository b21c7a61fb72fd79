// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.dunlin.core.testing.Golden;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CredentialsTest {

    private static final Credentials GOLDEN = new Credentials(
            AccountState.DISABLED,
            0x0102030405060708L,
            List.of(
                    ScramKey.ofPassword("pencil", ScramHash.SHA_1, 4096, octets("salt of SHA-1...")),
                    ScramKey.ofPassword("pencil", ScramHash.SHA_256, 4097, octets("salt of SHA-256.")),
                    ScramKey.ofPassword("pencil", ScramHash.SHA_512, 200_000, octets("salt of SHA-512."))));

    @Test
    void formatIsTheGoldenOne() {
        Golden.check("credentials-2", Credentials.CODEC, GOLDEN);
    }

    @Test
    void formatWithoutGenerationIsRead() {
        Credentials old = Credentials.CODEC.read(Golden.bytes("credentials-1"));

        assertThat(old).isEqualTo(GOLDEN.withGeneration(0));
    }

    @Test
    void damagedValueIsRefusedOrReadButNeverAnotherError() {
        long seed = Seed.next();
        Random random = new Random(seed);
        byte[] good = Credentials.CODEC.write(GOLDEN);
        for (int i = 0; i < 5_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            if (bad.length > 0) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                Credentials.CODEC.read(bad);
            } catch (CorruptionException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
            }
        }
    }

    /** R07: or stored data would decide how long others compute. */
    @Test
    void tooManyIterationsAreRefusedWhenRead() {
        byte[] value = Credentials.CODEC.write(new Credentials(
                AccountState.ACTIVE,
                7,
                List.of(new ScramKey(ScramHash.SHA_1, 200_000, new byte[16], new byte[20], new byte[20]))));
        // version, state, count, hash, then the iterations as a varint of three bytes
        assertThat(Arrays.copyOfRange(value, 4, 7)).containsExactly(0xC0, 0x9A, 0x0C);
        value[4]++;

        assertThatExceptionOfType(CorruptionException.class)
                .isThrownBy(() -> Credentials.CODEC.read(value))
                .withMessageContaining("200001");
    }

    @Test
    void everyPasswordHasItsOwnSalt() {
        Credentials first = Credentials.ofPassword("pencil", SaslFixture.CHEAP, SaslFixture.RANDOM);
        Credentials second = Credentials.ofPassword("pencil", SaslFixture.CHEAP, SaslFixture.RANDOM);

        for (ScramHash hash : ScramHash.values()) {
            assertThat(first.key(hash).salt())
                    .hasSize(16)
                    .isNotEqualTo(second.key(hash).salt());
        }
        assertThat(first.key(ScramHash.SHA_256).salt())
                .isNotEqualTo(first.key(ScramHash.SHA_512).salt());
    }

    @Test
    void nothingSecretIsPrinted() {
        String printed = GOLDEN.toString();

        assertThat(printed)
                .isEqualTo("DISABLED [SCRAM-SHA-1, 4096 iterations, SCRAM-SHA-256, 4097 iterations, "
                        + "SCRAM-SHA-512, 200000 iterations]");
    }

    @Test
    void passwordsThatCannotBeAreRefused() {
        assertThat(Credentials.preparedPassword("")).isNull();
        assertThat(Credentials.preparedPassword("a\u0000b")).isNull();
        assertThat(Credentials.preparedPassword("x".repeat(1025))).isNull();
        assertThat(Credentials.preparedPassword("ä".repeat(513))).isNull();
        assertThat(Credentials.preparedPassword("x".repeat(1024))).hasSize(1024);
        assertThat(Credentials.preparedPassword("correct\u00a0horse")).isEqualTo("correct horse");
    }

    @Test
    void policyIsSatisfiedByEnoughIterationsOfEachHash() {
        CredentialPolicy twoHashes = new CredentialPolicy(EnumSet.of(ScramHash.SHA_1, ScramHash.SHA_256), 4096);

        assertThat(GOLDEN.satisfies(twoHashes)).isTrue();
        assertThat(GOLDEN.satisfies(new CredentialPolicy(EnumSet.of(ScramHash.SHA_1), 4097)))
                .isFalse();
        assertThat(new Credentials(AccountState.ACTIVE, 7, List.of(GOLDEN.key(ScramHash.SHA_1))).satisfies(twoHashes))
                .isFalse();
    }

    @Test
    void policyHasBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CredentialPolicy(EnumSet.of(ScramHash.SHA_1), 4095))
                .withMessage("iterations: 4095 (expected: 4096 to 200000)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CredentialPolicy(EnumSet.of(ScramHash.SHA_1), 200_001));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CredentialPolicy(EnumSet.noneOf(ScramHash.class), 4096));
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
