// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.avatar;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.PepFixture;
import im.dunlin.core.modules.vcard.VcardModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AvatarDialogueTest {
    /** The SHA-1 of "hi", which is {@code aGk=}. */
    private static final String HASH = "c22b5f9178342609428d6f51b2c5af4c0bde6a42";

    private static final String METADATA = "urn:xmpp:avatar:metadata";
    private static final String DATA = "urn:xmpp:avatar:data";
    private static final String UPDATE = "<x xmlns='vcard-temp:x:update'><photo>" + HASH + "</photo></x>";

    private final TestServer server = TestServer.with(modules());
    private final TestClient juliet = server.connect("juliet@localhost/balcony");
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient stranger = server.connect("tybalt@localhost/street");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put("vcard", VcardModule::new);
        modules.put("avatar", AvatarModule::new);
        return modules;
    }

    AvatarDialogueTest() {
        ImModules.befriend(romeo, juliet);
        romeo.sends("<presence/>");
        romeo.ignores();
        juliet.ignores();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String data(String id, String text) {
        return "<item id='" + id + "'><data xmlns='" + DATA + "'>" + text + "</data></item>";
    }

    private static String metadata(String id) {
        return "<item id='" + id + "'><metadata xmlns='" + METADATA + "'><info bytes='2' id='" + id
                + "' type='image/png'/></metadata></item>";
    }

    private void publishesAvatar(String access) {
        published(juliet, DATA, data(HASH, "aGk="), options("access_model", access));
        published(juliet, METADATA, metadata(HASH), options("access_model", access));
    }

    private static String card(TestClient reader, String to) {
        reader.sends("<iq type='get' id='v' " + to + "><vCard xmlns='vcard-temp'/></iq>");
        return reader.next().toString();
    }

    private void setsCard(String content) {
        juliet.sends("<iq type='set' id='c'><vCard xmlns='vcard-temp'>" + content + "</vCard></iq>");
    }

    /** XEP-0398 §4.1. */
    @Test
    void publishedAvatarIsTheImageOfTheCard() {
        setsCard("<FN>Juliet</FN>");
        juliet.ignores();

        publishesAvatar("open");

        assertThat(card(stranger, "to='juliet@localhost'"))
                .contains("<FN>Juliet</FN>")
                .contains("<PHOTO><TYPE>image/png</TYPE><BINVAL>aGk=</BINVAL></PHOTO>");
        assertThat(card(juliet, "")).contains("<BINVAL>aGk=</BINVAL>");
    }

    /** XEP-0398 §8: who may not read the nodes does not get the image by the card. */
    @Test
    void imageForContactsIsNotShownToStrangers() {
        publishesAvatar("presence");

        assertThat(card(stranger, "to='juliet@localhost'")).contains("service-unavailable");
        assertThat(card(romeo, "to='juliet@localhost'")).contains("<BINVAL>aGk=</BINVAL>");
    }

    /** XEP-0398 §4.1: "Services SHOULD verify that the SHA-1 hash of the image matches the id." */
    @Test
    void imageThatIsNotWhatItsIdSaysIsNotShown() {
        published(juliet, DATA, data(HASH, "aGo="), options("access_model", "open"));
        published(juliet, METADATA, metadata(HASH), options("access_model", "open"));

        assertThat(card(juliet, "")).doesNotContain("PHOTO");
        juliet.sends("<presence/>");
        assertThat(romeo.next().toString()).doesNotContain("vcard-temp:x:update");
    }

    @Test
    void imageElsewhereIsNotOurs() {
        published(
                juliet,
                METADATA,
                "<item id='" + HASH + "'><metadata xmlns='" + METADATA + "'><info bytes='2' id='" + HASH
                        + "' type='image/png' url='https://localhost/a.png'/></metadata></item>",
                "");

        assertThat(card(juliet, "")).doesNotContain("PHOTO");
    }

    /** XEP-0398 §4.2: data first, then metadata, with a notification. */
    @Test
    void imageOfACardIsPublished() {
        available(romeo, METADATA);
        romeo.ignores();

        setsCard("<FN>Juliet</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>aG\nk=</BINVAL></PHOTO>");

        juliet.receives("<iq type='result' id='c'/>");
        romeo.receives("<message type='headline' from='juliet@localhost'>"
                + "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='" + METADATA + "'>"
                + metadata(HASH)
                + "</items></event></message>");
        stranger.sends("<iq type='get' id='d' to='juliet@localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + "<items node='" + DATA + "'><item id='" + HASH + "'/></items></pubsub></iq>");
        stranger.receives("<iq type='result' id='d'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='"
                + DATA + "'>" + data(HASH, "aGk=") + "</items></pubsub></iq>");
        assertThat(card(stranger, "to='juliet@localhost'")).contains("aGk=").contains("Juliet");
    }

    @Test
    void cardWithTheSameImageIsNoNews() {
        publishesAvatar("open");
        available(romeo, METADATA);
        romeo.ignores();

        setsCard("<FN>Juliet</FN><PHOTO><TYPE>image/png</TYPE><BINVAL>aGk=</BINVAL></PHOTO>");

        romeo.receivesNothing();
    }

    @Test
    void cardWithoutImageTakesTheAvatarAway() {
        publishesAvatar("open");
        available(romeo, METADATA);
        romeo.ignores();

        setsCard("<FN>Juliet</FN>");

        assertThat(romeo.next().toString()).contains("<metadata xmlns='" + METADATA + "'/>");
        assertThat(card(juliet, "")).doesNotContain("PHOTO");
    }

    @Test
    void imageThatIsNoBase64IsRefused() {
        setsCard("<PHOTO><BINVAL>a</BINVAL></PHOTO>");

        juliet.receivesError("bad-request");
    }

    /** XEP-0398 §5. */
    @Test
    void presenceHasTheHash() {
        publishesAvatar("presence");

        juliet.sends("<presence/>");
        romeo.receives("<presence from='juliet@localhost/balcony'>" + UPDATE + "</presence>");
        juliet.sends("<presence><x xmlns='vcard-temp:x:update'/></presence>");
        romeo.receives("<presence>" + UPDATE + "</presence>");
        juliet.sends("<presence><x xmlns='vcard-temp:x:update'><photo>old</photo></x></presence>");
        assertThat(romeo.next().toString()).contains(HASH).doesNotContain("old");
        juliet.sends("<presence to='tybalt@localhost/street'/>");
        stranger.receives("<presence>" + UPDATE + "</presence>");
    }

    /** "every available presence that does not contain an empty photo element". */
    @Test
    void presenceThatSaysNoneOnPurposeIsLeftAlone() {
        publishesAvatar("open");

        juliet.sends("<presence><x xmlns='vcard-temp:x:update'><photo/></x></presence>");

        assertThat(romeo.next().toString()).contains("<photo/>").doesNotContain(HASH);
    }

    /** Who is there hears of a new image, and who comes later is not told of the old one. */
    @Test
    void presenceChangesWithTheAvatar() {
        juliet.sends("<presence><show>away</show></presence>");
        juliet.ignores();
        romeo.ignores();

        publishesAvatar("open");
        romeo.receives("<presence from='juliet@localhost/balcony'><show>away</show>" + UPDATE + "</presence>");
        TestClient later = server.connect("romeo@localhost/tavern");
        later.sends("<presence/>");
        boolean told = false;
        while (later.waiting() > 0) {
            told |= later.next().toString().contains(HASH);
        }
        assertThat(told).isTrue();
        romeo.ignores();

        setsCard("<FN>Juliet</FN>");
        assertThat(romeo.next().toString()).contains("away").doesNotContain("vcard-temp:x:update");
    }

    @Test
    void sameAvatarAgainIsNoNewPresence() {
        publishesAvatar("open");
        juliet.sends("<presence/>");
        juliet.ignores();
        romeo.ignores();

        publishesAvatar("open");

        romeo.receivesNothing();
    }
}
