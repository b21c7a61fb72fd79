// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * RFC 6121 §8.5.4, row by row. Resources are written name:priority, without priority if they are connected and not available;
 * a full JID is written with its resource.
 */
class DeliveryRulesTest {

    @ParameterizedTest(name = "{0} to {1} with {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // No available resource (8.5.2.2, 8.5.3.2).
                "normal    | bare | -                  | KEEP",
                "chat      | bare | -                  | KEEP",
                "groupchat | bare | -                  | REFUSE",
                "headline  | bare | -                  | IGNORE",
                "error     | bare | -                  | IGNORE",
                "normal    | gone | -                  | KEEP",
                "chat      | gone | -                  | KEEP",
                "groupchat | gone | -                  | REFUSE",
                "headline  | gone | -                  | IGNORE",
                "error     | gone | -                  | IGNORE",
                "chat      | bare | a                  | KEEP",
                "headline  | bare | a                  | IGNORE",
                // Only negative priorities (8.5.2.1.1: as if nobody were available).
                "normal    | bare | a:-1               | KEEP",
                "chat      | bare | a:-1 b:-128        | KEEP",
                "groupchat | bare | a:-1               | REFUSE",
                "headline  | bare | a:-1               | IGNORE",
                "error     | bare | a:-1               | IGNORE",
                // One resource.
                "normal    | bare | a:0                | a",
                "chat      | bare | a:5                | a",
                "groupchat | bare | a:0                | REFUSE",
                "headline  | bare | a:0                | a",
                "error     | bare | a:0                | IGNORE",
                // Several: the most available for what is read once, all for a headline.
                "normal    | bare | a:1 b:2 c:-1 d     | b",
                "chat      | bare | a:1 b:2 c:-1 d     | b",
                "chat      | bare | a:2 b:2 c:1        | a b",
                "groupchat | bare | a:1 b:2            | REFUSE",
                "headline  | bare | a:1 b:2 c:-1 d     | a b",
                "error     | bare | a:1 b:2            | IGNORE",
                // A resource that is connected gets what is for it, available or not (8.5.3.1).
                "normal    | a    | a:1 b:2            | a",
                "chat      | a    | a:-1 b:2           | a",
                "groupchat | a    | a:0 b:2            | a",
                "headline  | a    | a:0 b:2            | a",
                "error     | a    | a:0 b:2            | a",
                "chat      | a    | a b:2              | a",
                // One that is gone: as to the bare JID (8.5.3.2.1, and see the rules on normal).
                "normal    | gone | a:1 b:2            | b",
                "chat      | gone | a:1 b:2            | b",
                "chat      | gone | a:-1               | KEEP",
                "groupchat | gone | a:1                | REFUSE",
                "headline  | gone | a:1 b:2            | a b",
                "error     | gone | a:1                | IGNORE",
            })
    void table(String type, String to, @Nullable String resources, String expected) {
        List<DeliveryRules.Resource<String>> all = new ArrayList<>();
        String addressed = null;
        for (String each : resources == null ? new String[0] : resources.split(" ")) {
            String[] parts = each.split(":");
            all.add(new DeliveryRules.Resource<>(parts[0], parts.length == 1 ? null : Integer.valueOf(parts[1])));
            addressed = parts[0].equals(to) ? parts[0] : addressed;
        }

        DeliveryRules.Decision<String> decision = DeliveryRules.decide(Message.Type.parse(type), addressed, all);

        String actual = decision.fate() == DeliveryRules.Fate.DELIVER
                ? String.join(" ", decision.recipients())
                : decision.fate().name();
        assertThat(actual).isEqualTo(expected);
    }
}
