// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static im.dunlin.core.auth.SaslFixture.PASSWORD;
import static im.dunlin.core.auth.SaslFixture.ROMEO;
import static im.dunlin.core.auth.SaslFixture.UNBINDABLE;
import static im.dunlin.core.auth.SaslFixture.octets;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.SaslStep.Challenge;
import im.dunlin.core.auth.SaslStep.Failure;
import im.dunlin.core.auth.SaslStep.Success;
import im.dunlin.core.auth.SaslStep.Upgrade;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainMechanismTest {
    private final SaslFixture server = new SaslFixture();

    @Test
    void rightPasswordSucceeds() {
        long generation = server.accounts.get(ROMEO).generation();

        assertThat(plain("\0romeo\0" + PASSWORD)).isEqualTo(new Success(ROMEO, generation, null, null, null));
        assertThat(plain("Romeo@montague.example\0ROMEO\0" + PASSWORD))
                .isEqualTo(new Success(ROMEO, generation, null, null, null));
    }

    @Test
    void clientWithoutInitialResponseIsAskedForIt() {
        SaslExchange exchange = SaslFixture.exchange("PLAIN", UNBINDABLE);

        assertThat(((Challenge) exchange.begin(null)).data()).isEmpty();
        assertThat(server.respond(exchange, octets("\0romeo\0" + PASSWORD))).isInstanceOf(Success.class);
    }

    @Test
    void otherSpellingOfThePasswordIsTheSamePassword() {
        server.accounts.put(ROMEO, Credentials.ofPassword("caf\u00e9", SaslFixture.CHEAP, SaslFixture.RANDOM));

        assertThat(plain("\0romeo\0cafe\u0301")).isInstanceOf(Success.class);
    }

    /** T07: also the work is the same. */
    @Test
    void unknownAccountFailsAsAWrongPasswordDoes() {
        SaslStep wrong = plain("\0romeo\0wrong");
        int hashes = server.hashes;
        SaslStep unknown = plain("\0nobody\0" + PASSWORD);

        assertThat(wrong).isEqualTo(new Failure(SaslCondition.NOT_AUTHORIZED, "authentication failed", true));
        assertThat(unknown).isEqualTo(wrong);
        assertThat(server.hashes).isEqualTo(2 * hashes);
    }

    /** T04. */
    @ParameterizedTest
    @ValueSource(strings = {"juliet@montague.example", "romeo", "montague.example", "romeo@montague.example/orchard"})
    void accountMayNotActAsAnother(String authzid) {
        assertThat(((Failure) plain(authzid + "\0romeo\0" + PASSWORD)).condition())
                .isEqualTo(SaslCondition.INVALID_AUTHZID);
        assertThat(server.lookups).isEmpty();
    }

    /** T05. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\0",
                "\0\0",
                "romeo",
                "romeo\0pass",
                "\0romeo\0",
                "\0\0pass",
                "\0romeo\0pass\0",
                "\0romeo\0pass\0junk",
                "\0romeo\0pass\0\0",
            })
    void malformedMessageIsRefused(String message) {
        assertThat(plain(message))
                .isEqualTo(new Failure(SaslCondition.MALFORMED_REQUEST, "not a PLAIN message", false));
    }

    /** T05. */
    @Test
    void illFormedUtf8InAnyFieldIsRefused() {
        byte[] good = octets("a@b\0romeo\0pass");
        for (int i : new int[] {0, 5, 11}) {
            byte[] bad = good.clone();
            bad[i] = (byte) 0xFF;

            assertThat(((Failure) server.begin(SaslFixture.exchange("PLAIN", UNBINDABLE), bad)).condition())
                    .isEqualTo(SaslCondition.MALFORMED_REQUEST);
        }
    }

    /** T05. */
    @ParameterizedTest
    @ValueSource(
            strings = {"\0ro meo\0pass", "\0romeo@montague.example\0pass", "\0romeo\0pa\u0007ss", "\0\u200b\0pass"})
    void whatCannotBePreparedIsNotAuthorized(String message) {
        assertThat(((Failure) plain(message)).condition()).isEqualTo(SaslCondition.NOT_AUTHORIZED);
        assertThat(server.lookups).isEmpty();
    }

    @Test
    void hugePasswordIsNotHashed() {
        assertThat(((Failure) plain("\0romeo\0" + "x".repeat(1025))).condition())
                .isEqualTo(SaslCondition.NOT_AUTHORIZED);
        assertThat(server.hashes).isZero();
    }

    /** T11. */
    @Test
    void disabledAccountIsToldOnlyToWhomKnowsThePassword() {
        server.accounts.computeIfPresent(ROMEO, (jid, credentials) -> credentials.withState(AccountState.DISABLED));

        assertThat(((Failure) plain("\0romeo\0" + PASSWORD)).condition()).isEqualTo(SaslCondition.ACCOUNT_DISABLED);
        assertThat(((Failure) plain("\0romeo\0wrong")).condition()).isEqualTo(SaslCondition.NOT_AUTHORIZED);
    }

    @Test
    void keysBelowThePolicyAreMadeAnewWhenThePasswordIsSeen() {
        ScramKey weak = ScramKey.ofPassword(PASSWORD, ScramHash.SHA_1, 1000, SaslFixture.RANDOM);
        Credentials old = new Credentials(AccountState.ACTIVE, 7, List.of(weak));
        server.accounts.put(ROMEO, old);

        Upgrade upgrade = ((Success) plain("\0romeo\0" + PASSWORD)).upgrade();

        assertThat(upgrade.seen()).isEqualTo(old);
        // The same password, so what was granted on it stays good.
        assertThat(upgrade.replacement().generation()).isEqualTo(7);
        for (ScramHash hash : EnumSet.allOf(ScramHash.class)) {
            assertThat(upgrade.replacement().key(hash).iterations()).isEqualTo(4096);
            assertThat(upgrade.replacement().key(hash).isOfPassword(PASSWORD)).isTrue();
        }
    }

    @Test
    void wrongPasswordUpgradesNothing() {
        ScramKey weak = ScramKey.ofPassword(PASSWORD, ScramHash.SHA_1, 1000, SaslFixture.RANDOM);
        server.accounts.put(ROMEO, new Credentials(AccountState.ACTIVE, 7, List.of(weak)));

        assertThat(plain("\0romeo\0wrong")).isInstanceOf(Failure.class);
    }

    private SaslStep plain(String message) {
        return server.begin(SaslFixture.exchange("PLAIN", UNBINDABLE), octets(message));
    }
}
