// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.form;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One field of a form, and what may be in it.
 *
 * @param var empty for fixed text
 * @param values what stands in it before anybody changes it
 * @param options what a list offers; nothing else may be chosen
 * @param range of a number; null for text
 */
public record Field(
        String var,
        FieldType type,
        String label,
        @Nullable String description,
        boolean required,
        List<String> values,
        List<Option> options,
        @Nullable NumberRange range) {

    /** One choice of a list. */
    public record Option(String value, String label) {}

    private static final Name OPTION = Name.of(Ns.DATA_FORMS, "option");
    private static final Name REQUIRED = Name.of(Ns.DATA_FORMS, "required");
    private static final Name DESC = Name.of(Ns.DATA_FORMS, "desc");

    /** Of one value, as much as a notice to all users needs a line for. */
    static final int MAX_VALUE_BYTES = 1_024;

    static final int MAX_VALUES = 100;

    public Field {
        values = List.copyOf(values);
        options = List.copyOf(options);
    }

    private static Field of(String var, FieldType type, String label) {
        return new Field(var, type, label, null, false, List.of(), List.of(), null);
    }

    public static Field text(String var, String label) {
        return of(var, FieldType.TEXT_SINGLE, label);
    }

    public static Field lines(String var, String label) {
        return of(var, FieldType.TEXT_MULTI, label);
    }

    /** Text that a client does not show. */
    public static Field secret(String var, String label) {
        return of(var, FieldType.TEXT_PRIVATE, label);
    }

    public static Field truth(String var, String label, boolean usual) {
        return of(var, FieldType.BOOLEAN, label).with(usual ? "1" : "0");
    }

    public static Field jid(String var, String label) {
        return of(var, FieldType.JID_SINGLE, label);
    }

    public static Field jids(String var, String label) {
        return of(var, FieldType.JID_MULTI, label);
    }

    public static Field number(String var, String label, long min, long max) {
        return new Field(
                var, FieldType.TEXT_SINGLE, label, null, false, List.of(), List.of(), new NumberRange(min, max));
    }

    public static Field oneOf(String var, String label, List<Option> options) {
        return new Field(var, FieldType.LIST_SINGLE, label, null, false, List.of(), options, null);
    }

    public static Field someOf(String var, String label, List<Option> options) {
        return new Field(var, FieldType.LIST_MULTI, label, null, false, List.of(), options, null);
    }

    /** Text between fields. */
    public static Field fixed(String text) {
        return of("", FieldType.FIXED, "").with(text);
    }

    public Field mandatory() {
        return new Field(var, type, label, description, true, values, options, range);
    }

    public Field describedAs(String text) {
        return new Field(var, type, label, text, required, values, options, range);
    }

    public Field with(String... given) {
        return with(List.of(given));
    }

    public Field with(List<String> given) {
        return new Field(var, type, label, description, required, given, options, range);
    }

    /** @param form whether it is to be filled in, and not a result to be read */
    Element element(boolean form) {
        ElementBuilder field = Element.builder(FormFields.FIELD).attr("type", type.wire());
        if (!var.isEmpty()) {
            field.attr("var", var);
        }
        if (!label.isEmpty()) {
            field.attr("label", label);
        }
        if (form) {
            if (description != null) {
                field.child(DESC, description);
            }
            if (required) {
                field.child(Element.of(REQUIRED));
            }
            if (range != null) {
                field.child(range.element());
            }
            for (Option option : options) {
                field.child(Element.builder(OPTION)
                        .attr("label", option.label())
                        .child(FormFields.VALUE, option.value())
                        .build());
            }
        }
        values.forEach(value -> field.child(FormFields.VALUE, value));
        return field.build();
    }

    /**
     * The one form of what was sent for this field.
     *
     * @param given null if the field was not sent: then what stood in it counts
     */
    List<String> normal(@Nullable List<String> given) {
        List<String> found = new ArrayList<>();
        for (String value : given == null ? values : given) {
            // An empty line in a text is one; an empty value of anything else is none.
            if (type == FieldType.TEXT_MULTI || !value.isBlank()) {
                found.add(normal(value));
            }
        }
        if (found.size() > (type.isMulti() ? MAX_VALUES : 1)) {
            throw wrong("has too many values");
        }
        if (required && found.stream().allMatch(String::isBlank)) {
            throw wrong("is needed");
        }
        return type == FieldType.TEXT_MULTI ? found : List.copyOf(new LinkedHashSet<>(found));
    }

    private String normal(String value) {
        if (value.getBytes(StandardCharsets.UTF_8).length > MAX_VALUE_BYTES) {
            throw wrong("is too long");
        }
        if (type == FieldType.BOOLEAN) {
            return switch (value.strip()) {
                case "1", "true" -> "1";
                case "0", "false" -> "0";
                default -> throw wrong("is neither true nor false");
            };
        }
        if (type.isJid()) {
            try {
                return Jid.parse(value.strip()).toString();
            } catch (JidException e) {
                throw wrong("is no address");
            }
        }
        if (type.isList() && options.stream().noneMatch(option -> option.value().equals(value))) {
            throw wrong("is not one of the choices");
        }
        if (range != null) {
            String number = range.normal(value.strip());
            if (number == null) {
                throw wrong("is no whole number from " + range.min() + " to " + range.max());
            }
            return number;
        }
        return value;
    }

    private StanzaException wrong(String why) {
        return StanzaError.badRequest("'" + (label.isEmpty() ? var : label) + "' " + why)
                .toException();
    }
}
