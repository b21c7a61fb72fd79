// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.vcard;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VcardDialogueTest {
    private static final String CARD =
            "<vCard xmlns='vcard-temp'><FN>Juliet</FN><PHOTO><BINVAL>aGk=</BINVAL></PHOTO></vCard>";
    private static final String GET = "<vCard xmlns='vcard-temp'/></iq>";

    private final TestServer server = TestServer.with("vcard", VcardModule::new);
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void ownCardIsEmptyUntilItIsSet() {
        juliet.sends("<iq type='get' id='v'>" + GET);

        assertThat(juliet.receives("<iq type='result' id='v'>" + GET)
                        .firstChild()
                        .children())
                .isEmpty();
    }

    @Test
    void everybodyReadsWhatTheOwnerWrote() {
        juliet.sends("<iq type='set' id='s'>" + CARD + "</iq>");
        juliet.receives("<iq type='result' id='s'/>");

        romeo.sends("<iq type='get' id='v' to='juliet@localhost'>" + GET);
        romeo.receives("<iq type='result' id='v' from='juliet@localhost'>" + CARD + "</iq>");
        juliet.sends("<iq type='get' id='w' to='juliet@localhost'>" + GET);
        juliet.receives("<iq type='result' id='w'>" + CARD + "</iq>");
    }

    /** Threat S14. */
    @Test
    void accountWithoutCardLooksLikeNone() {
        romeo.sends("<iq type='get' id='v' to='juliet@localhost'>" + GET);
        romeo.receivesError("service-unavailable");
        romeo.sends("<iq type='get' id='v' to='nobody@localhost'>" + GET);
        romeo.receivesError("service-unavailable");
    }

    /** Threat S15: neither hers nor, by mistake, his own. */
    @Test
    void nobodyWritesAnothersCard() {
        romeo.sends("<iq type='set' id='s' to='juliet@localhost'>" + CARD + "</iq>");
        romeo.receivesError("service-unavailable");

        romeo.sends("<iq type='get' id='v'>" + GET);
        assertThat(romeo.next().firstChild().children()).isEmpty();
    }

    @Test
    void cardIsBounded() {
        juliet.sends("<iq type='set' id='s'><vCard xmlns='vcard-temp'><DESC>" + "x".repeat(128 << 10)
                + "</DESC></vCard></iq>");

        juliet.receivesError("not-acceptable");
    }
}
