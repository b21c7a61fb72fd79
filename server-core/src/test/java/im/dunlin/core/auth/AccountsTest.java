// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.Accounts.Outcome;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccountsTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final CredentialPolicy QUICK =
            new CredentialPolicy(EnumSet.of(ScramHash.SHA_1), CredentialPolicy.MIN_ITERATIONS);
    private static final Credentials OLD = Credentials.ofPassword("old", QUICK, new SecureRandom());
    private static final Credentials NEW = Credentials.ofPassword("new", QUICK, new SecureRandom());

    private static Table<String, String> diary;

    private final TestServer server = TestServer.with("diary", AccountsTest::diary);
    private final Accounts accounts = server.accounts();

    /** A module that has a row for each account. */
    private static void diary(Setup setup) {
        diary = setup.table(new TableSpec<>("diary", Shape.POINT, Keys.TEXT, Values.TEXT));
        setup.accountCreated(turn -> turn.put(diary, "first", "hello"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void whatWasCreatedIsFound() {
        assertThat(accounts.create(JULIET, OLD).join()).isEqualTo(Outcome.DONE);

        assertThat(accounts.find(JULIET).join()).isEqualTo(OLD);
        assertThat(accounts.create(JULIET, NEW).join()).isEqualTo(Outcome.TAKEN);
        assertThat(accounts.find(JULIET).join()).isEqualTo(OLD);
    }

    @Test
    void modulesTakePartInTheTurnThatMakesAnAccount() {
        accounts.create(JULIET, OLD).join();

        assertThat(server.<String>turn(JULIET, turn -> turn.get(diary, "first")))
                .isEqualTo("hello");
    }

    @Test
    void nobodyHasCredentialsWithoutAnAccount() {
        assertThat(accounts.find(JULIET).join()).isNull();
        assertThat(accounts.setPassword(JULIET, NEW).join()).isEqualTo(Outcome.UNKNOWN);
        assertThat(accounts.remove(JULIET).join()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void accountNeedsANameOnADomainServedHere() {
        assertThat(accounts.create(BareJid.of("juliet@capulet.example"), OLD).join())
                .isEqualTo(Outcome.NO_ACCOUNT_NAME);
        assertThat(accounts.create(BareJid.of("localhost"), OLD).join()).isEqualTo(Outcome.NO_ACCOUNT_NAME);
    }

    @Test
    void upgradeDoesNotUndoAChangeOfPassword() {
        accounts.create(JULIET, OLD).join();
        Credentials better = Credentials.ofPassword("old", QUICK, new SecureRandom());

        assertThat(accounts.upgrade(JULIET, new SaslStep.Upgrade(OLD, better)).join())
                .isEqualTo(Outcome.DONE);
        accounts.setPassword(JULIET, NEW).join();
        accounts.upgrade(JULIET, new SaslStep.Upgrade(better, OLD)).join();

        assertThat(accounts.find(JULIET).join()).isEqualTo(NEW);
    }

    @Test
    void removedAccountHasNoSessionsNoRowsAndNoCredentials() {
        accounts.create(JULIET, OLD).join();
        TestClient client = server.connect("juliet@localhost/balcony");

        assertThat(accounts.remove(JULIET).join()).isEqualTo(Outcome.DONE);

        assertThat(Objects.requireNonNull(client.streamError()).toString()).contains("not-authorized");
        assertThat(server.sessions().count()).isZero();
        assertThat(accounts.find(JULIET).join()).isNull();
        assertThat(server.store().scanTable(diary).hasNext()).isFalse();
    }

    @Test
    void nameOfARemovedAccountIsReservedForAsLongAsConfigured() {
        accounts.create(JULIET, OLD).join();
        accounts.remove(JULIET).join();

        assertThat(accounts.create(JULIET, NEW).join()).isEqualTo(Outcome.RESERVED);
        server.after(Duration.ofDays(3_651));
        assertThat(accounts.create(JULIET, NEW).join()).isEqualTo(Outcome.DONE);
        assertThat(accounts.find(JULIET).join()).isEqualTo(NEW);
    }

    @Test
    void listIsInOrderAndInPages() {
        for (String name : List.of("romeo", "juliet", "nurse", "tybalt")) {
            accounts.create(BareJid.of(name + "@localhost"), OLD).join();
        }

        assertThat(accounts.list("localhost", null, 3).toString())
                .isEqualTo("[juliet@localhost, nurse@localhost, romeo@localhost]");
        assertThat(accounts.list(null, BareJid.of("romeo@localhost"), 3).toString())
                .isEqualTo("[tybalt@localhost]");
        assertThat(accounts.list("capulet.example", null, 3)).isEmpty();
    }
}
