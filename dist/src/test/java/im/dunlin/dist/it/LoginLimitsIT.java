// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Guessing from one address does not keep the owner of the account out (threat T10). */
class LoginLimitsIT {
    private static final String GUESSER = "127.0.9.1";

    @RegisterExtension
    static final ServerUnderTest server =
            ServerUnderTest.with("limits: { login: { failuresPerAccount: 1, failuresPerAddress: 3 } }");

    @Test
    void addressThatGuessesIsRefusedUnjudgedAndNobodyElseIs() {
        assertThat(guess("juliet@localhost", "wrong")).isEqualTo("not-authorized");
        // This account from this address, with the right password or a wrong one.
        assertThat(guess("juliet@localhost", "wrong")).isEqualTo("temporary-auth-failure");
        assertThat(guess("juliet@localhost", Secrets.PASSWORD)).isEqualTo("temporary-auth-failure");
        // Accounts that do not exist count alike.
        assertThat(guess("nobody@localhost", "wrong")).isEqualTo("not-authorized");
        assertThat(guess("nobody@localhost", "wrong")).isEqualTo("temporary-auth-failure");
        assertThat(guess("romeo@localhost", "wrong")).isEqualTo("not-authorized");
        // The whole address.
        assertThat(guess("tybalt@localhost", "wrong")).isEqualTo("temporary-auth-failure");

        try (RawClient juliet = server.session("juliet@localhost/elsewhere")) {
            juliet.receivesNothing();
        }
    }

    private static String guess(String jid, String password) {
        try (RawClient client = RawClient.connect(server.endpoint(), GUESSER).startsTls()) {
            ScramClient scram = client.bound(RawClient.scram(ScramHash.SHA_256, jid, password));
            return client.attempts("SCRAM-SHA-256-PLUS", scram);
        }
    }
}
