// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** XEP-0203: when a stanza was really sent, and who held it back. */
public record Delay(Instant stamp, @Nullable Jid from) {
    public static final Name NAME = Name.of(Ns.DELAY, "delay");

    public Element element() {
        Element delay = Element.of(NAME).attr("stamp", format(stamp));
        return from == null ? delay : delay.attr("from", from.toString());
    }

    /** XEP-0082: UTC with milliseconds. */
    public static String format(Instant time) {
        Instant millis = time.truncatedTo(ChronoUnit.MILLIS);
        String text = millis.toString();
        return millis.getNano() == 0 ? text.substring(0, text.length() - 1) + ".000Z" : text;
    }

    /** XEP-0082: a date and time with its offset; null if it is none. */
    public static @Nullable Instant parseTime(String text) {
        try {
            return OffsetDateTime.parse(text.strip()).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Null if the stamp is missing or no time, or the sender no address. */
    public static @Nullable Delay parse(Element element) {
        String stamp = element.attr("stamp");
        String from = element.attr("from");
        Instant time = stamp == null ? null : parseTime(stamp);
        try {
            return time == null ? null : new Delay(time, from == null ? null : Jid.parse(from));
        } catch (JidException e) {
            return null;
        }
    }
}
