// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The fields of a submitted data form (XEP-0004), and what peers write wrongly in them. */
public final class FormFields {
    public static final Name FORM = Name.of(Ns.DATA_FORMS, "x");
    public static final Name FIELD = Name.of(Ns.DATA_FORMS, "field");
    public static final Name VALUE = Name.of(Ns.DATA_FORMS, "value");

    /** Nothing that a client can mean lies outside of these. */
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final Map<String, List<String>> values;

    private FormFields(Map<String, List<String>> values) {
        this.values = values;
    }

    /** The fields of a form of this type; none without a form. */
    public static FormFields parse(@Nullable Element form, String formType) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (form != null) {
            for (Element field : form.children(FIELD)) {
                List<String> texts = new ArrayList<>(1);
                field.children(VALUE).forEach(value -> texts.add(value.text()));
                if (values.put(field.requireAttr("var"), texts) != null) {
                    throw StanzaError.badRequest("a field is there twice").toException();
                }
            }
            if (!List.of(formType).equals(values.remove("FORM_TYPE"))) {
                throw StanzaError.badRequest("FORM_TYPE must be " + formType).toException();
            }
        }
        return new FormFields(values);
    }

    public Iterable<String> names() {
        return values.keySet();
    }

    /** All values; empty without the field. */
    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** The value; null without the field, or when it has none. */
    public @Nullable String one(String name) {
        List<String> all = all(name);
        if (all.size() > 1) {
            throw StanzaError.badRequest(name + " has one value").toException();
        }
        return all.isEmpty() ? null : all.get(0);
    }

    public @Nullable Jid jid(String name) {
        String text = one(name);
        return text == null ? null : jid(name, text);
    }

    public static Jid jid(String name, String text) {
        try {
            return Jid.parse(text.strip());
        } catch (JidException e) {
            throw StanzaError.jidMalformed(name + ": " + e.getMessage()).toException();
        }
    }

    /** Whether it is there and true, in one of the forms of XML Schema. */
    public boolean bool(String name) {
        String text = one(name);
        if (text == null) {
            return false;
        }
        return switch (text.strip()) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw StanzaError.badRequest(name + " must be a boolean").toException();
        };
    }

    public @Nullable Instant time(String name) {
        String text = one(name);
        if (text == null) {
            return null;
        }
        Instant time = Delay.parseTime(text);
        if (time == null || time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
            throw StanzaError.badRequest(name + " must be a date and time of XEP-0082")
                    .toException();
        }
        return time;
    }
}
