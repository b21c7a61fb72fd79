// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import im.dunlin.core.component.Components;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.stanza.Stanza;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Services that come while the server runs. */
class DomainsTest {
    private static final BareJid ADDRESS = BareJid.ofDomain("late.localhost");

    private static final class Late implements Service {
        private boolean isThere;

        @Override
        public boolean isThere() {
            return isThere;
        }

        @Override
        public String subdomain() {
            return "late";
        }

        @Override
        public Identity identity() {
            return new Identity("client", "bot", "Late");
        }

        @Override
        public Set<String> features() {
            return Set.of();
        }

        @Override
        public void receive(Stanza stanza, Turn turn) {}
    }

    private final Late late = new Late();

    private static Domains with(String... components) {
        return new Domains(
                Map.of("localhost", HostConfig.defaults()),
                new Components(List.of(components), Set.of("localhost")),
                true);
    }

    @Test
    void serviceIsServedFromWhenItIsThere() {
        Domains domains = with();
        domains.add(late, "late");
        assertThat(domains.localOwner(ADDRESS)).isNull();
        assertThat(domains.service("late.localhost")).isNull();
        assertThat(domains.isOurs("late.localhost"))
                .as("no other server has its name meanwhile")
                .isTrue();
        late.isThere = true;
        assertThat(domains.localOwner(ADDRESS)).isEqualTo(ADDRESS);
        assertThat(domains.service("late.localhost")).isSameAs(late);
    }

    @Test
    void ownerOfItsRowsIsThereBefore() {
        Domains domains = with();
        domains.add(late, "late");
        assertThat(domains.owners()).contains("late.localhost");
    }

    @Test
    void componentKeepsTheNameOfAServiceThatComesLater() {
        Domains domains = with("late.localhost");
        domains.add(late, "late");
        late.isThere = true;
        assertThat(domains.service("late.localhost")).isNull();
        assertThat(domains.component(ADDRESS)).isNotNull();
    }

    @Test
    void nameOfAServiceThatIsThereIsNoComponents() {
        late.isThere = true;
        assertThatExceptionOfType(DomainTakenException.class)
                .isThrownBy(() -> with("late.localhost").add(late, "late"))
                .withMessageStartingWith("late.localhost is served twice: by the module late");
    }
}
