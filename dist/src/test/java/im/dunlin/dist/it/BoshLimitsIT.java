// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.xml.Element;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.BoshClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A session of BOSH is a connection, also where no socket belongs to it. */
class BoshLimitsIT {
    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.with("""
            limits:
              connections: { perSecond: 10000, burst: 10000, open: 10000, unauthenticated: 20 }
            """);

    @Test
    void sessionsOfOneAddressThatHaveNotLoggedInAreBounded() throws Exception {
        BoshClient client = new BoshClient("http://localhost:" + server.port(ListenerConfig.Kind.HTTP) + "/bosh");
        int begun = 0;
        Element answer = client.asks("to='localhost' wait='20' hold='1'");
        while (answer.attr("sid") != null && begun < 20) {
            begun++;
            answer = client.asks("to='localhost' wait='20' hold='1'");
        }

        assertThat(begun).isLessThan(20);
        assertThat(answer.attr("condition")).isEqualTo("policy-violation");
    }
}
