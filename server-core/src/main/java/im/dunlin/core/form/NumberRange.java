// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.form;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import org.jspecify.annotations.Nullable;

/** Whole numbers that a field may have (XEP-0122 §3.2.3), both ends included. */
public record NumberRange(long min, long max) {
    /** Validation of fields. */
    public static final String NS = "http://jabber.org/protocol/xdata-validate";

    private static final Name VALIDATE = Name.of(NS, "validate");
    private static final Name RANGE = Name.of(NS, "range");

    /** More digits are no number that we mean. */
    private static final int MAX_DIGITS = 18;

    Element element() {
        return Element.builder(VALIDATE)
                .attr("datatype", "xs:integer")
                .child(Element.of(RANGE).attr("min", Long.toString(min)).attr("max", Long.toString(max)))
                .build();
    }

    /** The one form of the number; null if it is none, or not one of these. */
    @Nullable
    String normal(String text) {
        String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (digits.isEmpty() || digits.length() > MAX_DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        long number = Long.parseLong(text);
        return number < min || number > max ? null : Long.toString(number);
    }
}
