// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.push.policy.Decision.Kind;
import im.dunlin.push.policy.Decision.Reason;
import im.dunlin.push.policy.Situation.StrangersCalls;
import im.dunlin.push.registration.Filters;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of who is woken for what. */
class PushPolicyTest {
    private static final BareJid ROMEO = BareJid.of("romeo@montague.example");
    private static final BareJid ROOM = BareJid.of("balcony@rooms.example");
    private static final Duration MESSAGE_ACK = Duration.ofSeconds(10);
    private static final Duration CALL_ACK = Duration.ofSeconds(2);
    private static final Filters NONE = new Filters(Set.of(), false, null, Set.of());

    private static final Event.Message CHAT = new Event.Message(ROMEO, false, false, false, false);
    private static final Event.Message GROUP = new Event.Message(ROOM, true, false, false, false);
    private static final Event.Message MENTION = new Event.Message(ROOM, true, true, false, false);
    private static final Event.Message FROM_STRANGER = new Event.Message(ROMEO, false, false, true, false);

    private final PushPolicy policy = new PushPolicy(MESSAGE_ACK, CALL_ACK);

    private static Situation in(DeviceState state) {
        return new Situation(state, false, false, Notify.ALWAYS, NONE, StrangersCalls.ALERT, Duration.ZERO);
    }

    private static Situation offline(Notify notify, Filters filters) {
        return new Situation(DeviceState.OFFLINE, false, false, notify, filters, StrangersCalls.ALERT, Duration.ZERO);
    }

    private static Event.Call call(boolean wasPushed, int lastMinute, int lastHour) {
        return new Event.Call(ROMEO, false, false, wasPushed, lastMinute, lastHour, false);
    }

    private Kind kind(Event event, Situation situation) {
        return policy.decide(event, situation).kind();
    }

    @ParameterizedTest
    @CsvSource({
        "ACTIVE,     NOTHING, CONNECTED,      10",
        "INACTIVE,   NOTHING, CONNECTED,      10",
        "LATE,       MESSAGE, UNACKNOWLEDGED, 0",
        "HIBERNATED, MESSAGE, AWAY,           1",
        "OFFLINE,    MESSAGE, AWAY,           1"
    })
    void messageWakesWhoeverIsNotThere(DeviceState state, Kind kind, Reason reason, int wait) {
        assertThat(policy.decide(CHAT, in(state))).isEqualTo(new Decision(kind, reason, Duration.ofSeconds(wait)));
    }

    @ParameterizedTest
    @CsvSource({
        "ACTIVE,     NOTHING, CONNECTED,      2",
        "INACTIVE,   CALL,    NOT_LOOKED_AT,  0",
        "LATE,       CALL,    UNACKNOWLEDGED, 0",
        "HIBERNATED, CALL,    AWAY,           0",
        "OFFLINE,    CALL,    AWAY,           0"
    })
    void callWakesAtOnceWhoeverDoesNotShowThatItIsThere(DeviceState state, Kind kind, Reason reason, int wait) {
        assertThat(policy.decide(call(false, 0, 0), in(state)))
                .isEqualTo(new Decision(kind, reason, Duration.ofSeconds(wait)));
    }

    /** Check 24, as far as it is decided here. */
    @ParameterizedTest
    @EnumSource(DeviceState.class)
    void noDeviceRingsTwiceForACall(DeviceState state) {
        assertThat(policy.decide(call(true, 0, 0), in(state))).isEqualTo(Decision.nothing(Reason.RANG_ALREADY));
    }

    /** Check 10, as far as it is decided here. */
    @ParameterizedTest
    @EnumSource(DeviceState.class)
    void whatIsQuietWakesNobody(DeviceState state) {
        assertThat(policy.decide(new Event.Quiet(), in(state))).isEqualTo(Decision.nothing(Reason.QUIET));
    }

    /** Check 11, as far as it is decided here. */
    @Test
    void whatWasReadElsewhereWakesNobody() {
        assertThat(policy.decide(new Event.Message(ROMEO, false, true, false, true), in(DeviceState.OFFLINE)))
                .isEqualTo(Decision.nothing(Reason.READ));
    }

    /** Check 12, as far as it is decided here. */
    @Test
    void muteSilencesMessagesAndNotCalls() {
        Situation muted = new Situation(
                DeviceState.OFFLINE, false, true, Notify.ALWAYS, NONE, StrangersCalls.ALERT, Duration.ZERO);
        assertThat(policy.decide(CHAT, muted)).isEqualTo(Decision.nothing(Reason.MUTED));
        assertThat(policy.decide(MENTION, muted)).isEqualTo(Decision.nothing(Reason.MUTED));
        assertThat(kind(call(false, 0, 0), muted)).isEqualTo(Kind.CALL);
    }

    /** Check 12, as far as it is decided here. */
    @Test
    void mentionWakesWhereMentionsAloneDo() {
        Situation onMention = offline(Notify.ON_MENTION, NONE);
        assertThat(policy.decide(GROUP, onMention)).isEqualTo(Decision.nothing(Reason.NO_MENTION));
        assertThat(kind(MENTION, onMention)).isEqualTo(Kind.MENTION);
    }

    @Test
    void neverIsForCallsAsWell() {
        Situation never = offline(Notify.NEVER, NONE);
        assertThat(policy.decide(CHAT, never)).isEqualTo(Decision.nothing(Reason.NEVER));
        assertThat(policy.decide(call(false, 0, 0), never)).isEqualTo(Decision.nothing(Reason.NEVER));
    }

    @Test
    void filtersOfTheDeviceCountBesideWhatTheAccountSays() {
        assertThat(policy.decide(CHAT, offline(Notify.ALWAYS, new Filters(Set.of(ROMEO), false, null, Set.of()))))
                .isEqualTo(Decision.nothing(Reason.FILTERED));
        Filters rooms = new Filters(
                Set.of(), false, Map.of(ROOM, new Filters.Room(Filters.Allow.MENTIONED, "juliet")), Set.of());
        assertThat(policy.decide(GROUP, offline(Notify.ALWAYS, rooms))).isEqualTo(Decision.nothing(Reason.NO_MENTION));
        assertThat(kind(MENTION, offline(Notify.ALWAYS, rooms))).isEqualTo(Kind.MENTION);
        // Once rooms are listed, those that are not are not pushed.
        assertThat(policy.decide(MENTION, offline(Notify.ALWAYS, new Filters(Set.of(), false, Map.of(), Set.of()))))
                .isEqualTo(Decision.nothing(Reason.FILTERED));
        assertThat(kind(CHAT, offline(Notify.ALWAYS, rooms))).isEqualTo(Kind.MESSAGE);
    }

    @Test
    void deviceMayWantMentionsAloneOfAChat() {
        Filters mentions = new Filters(Set.of(), false, null, Set.of(ROOM));
        assertThat(policy.decide(GROUP, offline(Notify.ALWAYS, mentions)))
                .isEqualTo(Decision.nothing(Reason.NO_MENTION));
        assertThat(policy.decide(MENTION, offline(Notify.ALWAYS, mentions)).wakes())
                .isTrue();
        assertThat(policy.decide(CHAT, offline(Notify.ALWAYS, mentions)).wakes())
                .isTrue();
    }

    /** Check 13, as far as it is decided here. */
    @Test
    void strangersWakeUnlessTheClientIgnoresThem() {
        Filters ignoring = new Filters(Set.of(), true, null, Set.of());
        assertThat(policy.decide(FROM_STRANGER, offline(Notify.ALWAYS, ignoring)))
                .isEqualTo(Decision.nothing(Reason.STRANGER));
        assertThat(kind(CHAT, offline(Notify.ALWAYS, ignoring))).isEqualTo(Kind.MESSAGE);
        assertThat(kind(FROM_STRANGER, offline(Notify.ALWAYS, NONE))).isEqualTo(Kind.MESSAGE);
    }

    /** Check 14, as far as it is decided here. */
    @ParameterizedTest
    @EnumSource(DeviceState.class)
    void whoIsBlockedWakesNobody(DeviceState state) {
        Situation blocked = new Situation(state, true, false, Notify.ALWAYS, NONE, StrangersCalls.RING, Duration.ZERO);
        assertThat(policy.decide(CHAT, blocked)).isEqualTo(Decision.nothing(Reason.BLOCKED));
        assertThat(policy.decide(call(false, 0, 0), blocked)).isEqualTo(Decision.nothing(Reason.BLOCKED));
    }

    /** Check 36, as far as it is decided here. */
    @Test
    void fourthCallInAMinuteDoesNotRing() {
        Situation offline = in(DeviceState.OFFLINE);
        assertThat(kind(call(false, 2, 2), offline)).isEqualTo(Kind.CALL);
        assertThat(policy.decide(call(false, 3, 3), offline)).isEqualTo(Decision.nothing(Reason.TOO_MANY_CALLS));
        assertThat(policy.decide(call(false, 0, 10), offline)).isEqualTo(Decision.nothing(Reason.TOO_MANY_CALLS));
    }

    /** Check 36, as far as it is decided here. */
    @ParameterizedTest
    @CsvSource({"ALERT, MESSAGE", "NOTHING, NOTHING", "RING, CALL"})
    void strangersCallDoesWhatIsConfigured(StrangersCalls configured, Kind kind) {
        Event.Call stranger = new Event.Call(ROMEO, true, false, false, 0, 0, false);
        Situation offline =
                new Situation(DeviceState.OFFLINE, false, false, Notify.ALWAYS, NONE, configured, Duration.ZERO);
        assertThat(kind(stranger, offline)).isEqualTo(kind);
    }

    /** Check 33, as far as it is decided here. */
    @Test
    void callThatAnotherDeviceMayGoOnWithIsHeldBack() {
        Event.Call continuation = new Event.Call(ROMEO, false, true, false, 0, 0, false);
        assertThat(policy.decide(continuation, in(DeviceState.OFFLINE)))
                .isEqualTo(Decision.nothingYet(Reason.ANOTHERS_CALL, Duration.ofSeconds(3)))
                .matches(Decision::isOpen);
    }

    @ParameterizedTest
    @CsvSource({
        // state, missed, rang, own doing → kind
        "ACTIVE,     true,  true,  false, NOTHING",
        "INACTIVE,   true,  true,  false, CALL_END",
        "INACTIVE,   true,  false, false, NOTHING",
        "LATE,       false, true,  false, CALL_END",
        "HIBERNATED, false, true,  false, CALL_END",
        "OFFLINE,    false, true,  false, CALL_END",
        "OFFLINE,    true,  false, false, CALL_END",
        "OFFLINE,    false, false, false, NOTHING",
        "OFFLINE,    false, true,  true,  NOTHING"
    })
    void endIsToldWhereItRangOrWasMissed(DeviceState state, boolean missed, boolean rang, boolean own, Kind kind) {
        assertThat(kind(new Event.CallEnd(missed, rang, own), in(state))).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "ACTIVE,     true,  true,  NOTHING",
        "INACTIVE,   true,  true,  NOTHING",
        "HIBERNATED, true,  true,  SILENT",
        "OFFLINE,    true,  true,  SILENT",
        "OFFLINE,    false, true,  NOTHING",
        "OFFLINE,    true,  false, NOTHING"
    })
    void whatWasReadIsTakenAwayWhereItIsShown(DeviceState state, boolean pushed, boolean takesAway, Kind kind) {
        assertThat(kind(new Event.Read(pushed, takesAway), in(state))).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "ACTIVE,     true,  NOTHING, CONNECTED",
        "INACTIVE,   true,  NOTHING, CONNECTED",
        "LATE,       true,  MESSAGE, UNACKNOWLEDGED",
        "HIBERNATED, true,  MESSAGE, AWAY",
        "OFFLINE,    true,  MESSAGE, AWAY",
        "OFFLINE,    false, NOTHING, NOT_SHOWN"
    })
    void editIsForWhoeverShowsHowItWas(DeviceState state, boolean isShown, Kind kind, Reason reason) {
        Decision decision = policy.decide(new Event.Edit(CHAT, isShown), in(state));
        assertThat(decision.kind()).isEqualTo(kind);
        assertThat(decision.reason()).isEqualTo(reason);
    }

    @Test
    void editOfAMutedConversationWakesNobody() {
        Situation muted = new Situation(
                DeviceState.OFFLINE, false, true, Notify.ALWAYS, NONE, StrangersCalls.ALERT, Duration.ZERO);
        assertThat(policy.decide(new Event.Edit(CHAT, true), muted)).isEqualTo(Decision.nothing(Reason.MUTED));
    }

    @Test
    void floodOfCallsOfAServerWakesNobody() {
        assertThat(policy.decide(new Event.Call(ROMEO, false, false, false, 0, 0, true), in(DeviceState.OFFLINE)))
                .isEqualTo(Decision.nothing(Reason.FLOOD_OF_CALLS));
    }

    @ParameterizedTest
    @EnumSource(DeviceState.class)
    void reactionWakesNobody(DeviceState state) {
        assertThat(policy.decide(new Event.Reaction(), in(state))).isEqualTo(Decision.nothing(Reason.REACTION));
    }

    @Test
    void messageWaitsWhileItsUserIsBusyOnAnotherDevice() {
        Situation busy = new Situation(
                DeviceState.OFFLINE, false, false, Notify.ALWAYS, NONE, StrangersCalls.ALERT, Duration.ofSeconds(30));
        assertThat(policy.decide(CHAT, busy)).matches(Decision::isPostponed);
        assertThat(policy.decide(CHAT, busy).delay()).isEqualTo(Duration.ofSeconds(30));
        assertThat(kind(call(false, 0, 0), busy)).isEqualTo(Kind.CALL);
    }
}
