// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.Presence;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 6121 Appendix A.2 and A.3, row by row. */
class SubscriptionTableTest {

    @ParameterizedTest(name = "outbound {0} in {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "subscribe    | None                  | MUST     | None + Pending Out",
                "subscribe    | None + Pending Out    | MUST     | no state change",
                "subscribe    | None + Pending In     | MUST     | None + Pending Out+In",
                "subscribe    | None + Pending Out+In | MUST     | no state change",
                "subscribe    | To                    | MUST     | no state change",
                "subscribe    | To + Pending In       | MUST     | no state change",
                "subscribe    | From                  | MUST     | From + Pending Out",
                "subscribe    | From + Pending Out    | MUST     | no state change",
                "subscribe    | Both                  | MUST     | no state change",
                "unsubscribe  | None                  | MUST     | no state change",
                "unsubscribe  | None + Pending Out    | MUST     | None",
                "unsubscribe  | None + Pending In     | MUST     | no state change",
                "unsubscribe  | None + Pending Out+In | MUST     | None + Pending In",
                "unsubscribe  | To                    | MUST     | None",
                "unsubscribe  | To + Pending In       | MUST     | None + Pending In",
                "unsubscribe  | From                  | MUST     | no state change",
                "unsubscribe  | From + Pending Out    | MUST     | From",
                "unsubscribe  | Both                  | MUST     | From",
                "subscribed   | None                  | MUST NOT | no state change",
                "subscribed   | None + Pending Out    | MUST NOT | no state change",
                "subscribed   | None + Pending In     | MUST     | From",
                "subscribed   | None + Pending Out+In | MUST     | From + Pending Out",
                "subscribed   | To                    | MUST NOT | no state change",
                "subscribed   | To + Pending In       | MUST     | Both",
                "subscribed   | From                  | MUST NOT | no state change",
                "subscribed   | From + Pending Out    | MUST NOT | no state change",
                "subscribed   | Both                  | MUST NOT | no state change",
                "unsubscribed | None                  | MUST NOT | no state change",
                "unsubscribed | None + Pending Out    | MUST NOT | no state change",
                "unsubscribed | None + Pending In     | MUST     | None",
                "unsubscribed | None + Pending Out+In | MUST     | None + Pending Out",
                "unsubscribed | To                    | MUST NOT | no state change",
                "unsubscribed | To + Pending In       | MUST     | To",
                "unsubscribed | From                  | MUST     | None",
                "unsubscribed | From + Pending Out    | MUST     | None + Pending Out",
                "unsubscribed | Both                  | MUST     | To",
            })
    void outbound(String type, String before, String route, String after) {
        check(SubscriptionTable.outbound(type(type), state(before)), before, route, after);
    }

    @ParameterizedTest(name = "inbound {0} in {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "subscribe    | None                  | MUST     | None + Pending In",
                "subscribe    | None + Pending Out    | MUST     | None + Pending Out+In",
                "subscribe    | None + Pending In     | MUST NOT | no state change",
                "subscribe    | None + Pending Out+In | MUST NOT | no state change",
                "subscribe    | To                    | MUST     | To + Pending In",
                "subscribe    | To + Pending In       | MUST NOT | no state change",
                "subscribe    | From                  | MUST NOT | no state change",
                "subscribe    | From + Pending Out    | MUST NOT | no state change",
                "subscribe    | Both                  | MUST NOT | no state change",
                "unsubscribe  | None                  | MUST NOT | no state change",
                "unsubscribe  | None + Pending Out    | MUST NOT | no state change",
                "unsubscribe  | None + Pending In     | MUST     | None",
                "unsubscribe  | None + Pending Out+In | MUST     | None + Pending Out",
                "unsubscribe  | To                    | MUST NOT | no state change",
                "unsubscribe  | To + Pending In       | MUST     | To",
                "unsubscribe  | From                  | MUST     | None",
                "unsubscribe  | From + Pending Out    | MUST     | None + Pending Out",
                "unsubscribe  | Both                  | MUST     | To",
                "subscribed   | None                  | MUST NOT | no state change",
                "subscribed   | None + Pending Out    | MUST     | To",
                "subscribed   | None + Pending In     | MUST NOT | no state change",
                "subscribed   | None + Pending Out+In | MUST     | To + Pending In",
                "subscribed   | To                    | MUST NOT | no state change",
                "subscribed   | To + Pending In       | MUST NOT | no state change",
                "subscribed   | From                  | MUST NOT | no state change",
                "subscribed   | From + Pending Out    | MUST     | Both",
                "subscribed   | Both                  | MUST NOT | no state change",
                "unsubscribed | None                  | MUST NOT | no state change",
                "unsubscribed | None + Pending Out    | MUST     | None",
                "unsubscribed | None + Pending In     | MUST NOT | no state change",
                "unsubscribed | None + Pending Out+In | MUST     | None + Pending In",
                "unsubscribed | To                    | MUST     | None",
                "unsubscribed | To + Pending In       | MUST     | None + Pending In",
                "unsubscribed | From                  | MUST NOT | no state change",
                "unsubscribed | From + Pending Out    | MUST     | From",
                "unsubscribed | Both                  | MUST     | From",
            })
    void inbound(String type, String before, String deliver, String after) {
        check(SubscriptionTable.inbound(type(type), state(before)), before, deliver, after);
    }

    private static void check(SubscriptionTable.Transition actual, String before, String passes, String after) {
        assertThat(actual.passes()).isEqualTo(passes.equals("MUST"));
        assertThat(actual.after()).isEqualTo(after.equals("no state change") ? state(before) : state(after));
    }

    private static Presence.Type type(String wire) {
        return java.util.Objects.requireNonNull(Presence.Type.parse(wire));
    }

    /** From the RFC's name of the state. */
    private static SubscriptionState state(String name) {
        return SubscriptionState.valueOf(name.toUpperCase(Locale.ROOT)
                .replace(" + ", "_")
                .replace('+', '_')
                .replace(' ', '_'));
    }
}
