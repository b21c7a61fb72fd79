// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.push.OwnPhone;
import im.dunlin.push.PushFixture;
import im.dunlin.push.app.TestApps;
import im.dunlin.push.gateway.PushRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a device shows follows what becomes of it: read elsewhere, taken back, edited. */
class ShownTest {
    private static final String HERE = "juliet@localhost";
    private static final String READ = "<capability>read</capability>";

    private final TestApps apps = new TestApps(TestApps.IOS, TestApps.ANDROID, TestApps.WEB);
    private final TestServer server = TestServer.with(PushFixture.modules(apps));
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient web = server.connect("juliet@localhost/web");
    private final TestClient phone = server.connect("juliet@localhost/phone");
    private final OwnPhone keys = new OwnPhone();

    @BeforeEach
    void begins() {
        ImModules.befriend(romeo, web);
        web.ignores();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void isAway(String settings) {
        phone.sends(enable("localhost", "n1", settings));
        phone.receives("<iq type='result' id='e'/>");
        phone.leaves();
    }

    private void says(String id, String content) {
        romeo.sends("<message type='chat' id='" + id + "' to='" + HERE + "'>" + content + "</message>");
        server.after(Duration.ofSeconds(1));
    }

    private void writes(String id) {
        says(id, "<body>" + id + "</body>");
    }

    private void reads(String id) {
        web.sends("<message type='chat' to='romeo@localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='" + id
                + "'/><store xmlns='urn:xmpp:hints'/></message>");
        server.after(Duration.ofSeconds(1));
    }

    private JsonNode pushed() {
        return keys.open(apps.next());
    }

    /** Writes it, and gives the id under which it was pushed. */
    private String writtenAndPushed(String id) {
        writes(id);
        return pushed().path("i").asString();
    }

    private List<String> explained(String event) {
        return server.modules().provided(PushRecords.class).explain(event).stream()
                .map(line -> line.startsWith("  ") ? line.substring(line.indexOf('Z') + 2) : line)
                .toList();
    }

    @Test
    void whatWasReadElsewhereIsTakenAway() {
        isAway(keys.onAndroid(READ));
        String first = writtenAndPushed("m1");
        server.after(Duration.ofMinutes(1));
        String second = writtenAndPushed("m2");
        reads("m2");

        PushRequest push = apps.next();
        assertThat(push.urgency()).isEqualTo(PushRequest.Urgency.LOW);
        assertThat(push.rank()).isEqualTo(PushRequest.Rank.QUIET);
        JsonNode contents = keys.open(push);
        assertThat(contents.path("t").asString()).isEqualTo("read");
        assertThat(contents.path("u").asInt()).isZero();
        assertThat(contents.path("rd").values()).extracting(JsonNode::asString).containsExactly(first, second);
        assertThat(explained(second))
                .contains("read elsewhere, to be taken away: the device is not connected", "taken away: 1");
        reads("m2");
        server.after(Duration.ofHours(1));
        assertThat(apps.count()).isZero();
    }

    @Test
    void onlyWhatWasReadIsTakenAway() {
        isAway(keys.onTheWeb(READ));
        String first = writtenAndPushed("m1");
        server.after(Duration.ofMinutes(1));
        writtenAndPushed("m2");
        reads("m1");
        JsonNode contents = pushed();
        assertThat(contents.path("rd").values()).extracting(JsonNode::asString).containsExactly(first);
        assertThat(contents.path("u").asInt()).isEqualTo(1);
    }

    @Test
    void whoeverAnswersElsewhereHasReadIt() {
        isAway(keys.onAndroid(READ));
        String first = writtenAndPushed("m1");
        web.sends(PushFixture.chat("romeo@localhost", "I have seen it"));
        server.after(Duration.ofSeconds(1));
        assertThat(pushed().path("rd").path(0).asString()).isEqualTo(first);
    }

    @Test
    void nothingIsTakenAwayFromAnAppThatDoesNotWantToKnow() {
        isAway(keys.onAndroid(""));
        writtenAndPushed("m1");
        reads("m1");
        server.after(Duration.ofHours(1));
        assertThat(apps.count()).isZero();
    }

    @Test
    void deviceThatWasThereSeesForItself() {
        isAway(keys.onAndroid(READ));
        writtenAndPushed("m1");
        TestClient back = server.connect("juliet@localhost/phone");
        reads("m1");
        back.leaves();
        server.after(Duration.ofHours(1));
        assertThat(apps.count()).isZero();
    }

    @Test
    void systemOfApplesIsNotAskedForThisMoreThanTwiceAnHour() {
        isAway(keys.onIos(READ));
        writtenAndPushed("m1");
        reads("m1");
        assertThat(apps.next().kind()).isEqualTo(PushRequest.Kind.BACKGROUND);
        writtenAndPushed("m2");
        reads("m2");
        assertThat(apps.count()).isZero();
        server.after(Duration.ofMinutes(29));
        assertThat(apps.count()).isZero();
        server.after(Duration.ofMinutes(1));
        assertThat(apps.next().kind()).isEqualTo(PushRequest.Kind.BACKGROUND);
    }

    @Test
    void whatItsAuthorTookBackIsTakenAway() {
        isAway(keys.onAndroid(READ));
        String first = writtenAndPushed("m1");
        says("m2", "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/><store xmlns='urn:xmpp:hints'/>");
        JsonNode contents = pushed();
        assertThat(contents.path("t").asString()).isEqualTo("read");
        assertThat(contents.path("rd").path(0).asString()).isEqualTo(first);
        assertThat(explained(first)).contains("taken back, to be taken away: the device is not connected");
    }

    @Test
    void editOfWhatIsShownTakesItsPlace() {
        isAway(keys.onIos(""));
        writes("m1");
        PushRequest shown = apps.next();
        String first = keys.open(shown).path("i").asString();
        says("m2", "<body>better</body><replace xmlns='urn:xmpp:message-correct:0' id='m1'/>");
        PushRequest edit = apps.next();
        JsonNode contents = keys.open(edit);
        assertThat(contents.path("t").asString()).isEqualTo("edit");
        assertThat(contents.path("i").asString()).isEqualTo(first);
        assertThat(contents.path("b").asString()).isEqualTo("better");
        assertThat(edit.collapse()).isEqualTo(shown.collapse()).isNotNull();
    }

    @Test
    void editOfLongAgoWakesNobody() {
        isAway(keys.onIos(""));
        String first = writtenAndPushed("m1");
        server.after(Duration.ofMinutes(10));
        says("m2", "<body>better</body><replace xmlns='urn:xmpp:message-correct:0' id='m1'/>");
        assertThat(apps.count()).isZero();
        assertThat(explained(first)).last().isEqualTo("not pushed: the device does not show what was edited");
    }

    @Test
    void editOfWhatWaitsIsPushedWithIt() {
        isAway(keys.onIos(""));
        romeo.sends("<message type='chat' id='m1' to='" + HERE + "'><body>worse</body></message>");
        says("m2", "<body>better</body><replace xmlns='urn:xmpp:message-correct:0' id='m1'/>");
        JsonNode contents = pushed();
        assertThat(contents.path("t").asString()).isEqualTo("msg");
        assertThat(contents.path("b").asString()).isEqualTo("better");
        server.after(Duration.ofMinutes(1));
        assertThat(apps.count()).isZero();
    }

    @Test
    void reactionWakesNobody() {
        isAway(keys.onIos(READ));
        says("m1", "<reactions xmlns='urn:xmpp:reactions:0' id='x'><reaction>👍</reaction></reactions>");
        server.after(Duration.ofHours(1));
        assertThat(apps.count()).isZero();
    }
}
