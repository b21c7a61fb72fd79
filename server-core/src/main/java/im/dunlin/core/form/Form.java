// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.form;

import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A form to be filled in, and what is read of it when it comes back.
 *
 * @param formType of XEP-0068; null for a form that nobody but people read
 */
public record Form(
        @Nullable String formType, String title, @Nullable String instructions, List<Field> fields) {
    private static final String FORM_TYPE = "FORM_TYPE";
    private static final Name TITLE = Name.of(Ns.DATA_FORMS, "title");
    private static final Name INSTRUCTIONS = Name.of(Ns.DATA_FORMS, "instructions");

    /** More than any of ours has. */
    private static final int MAX_FIELDS = 200;

    public Form {
        fields = List.copyOf(fields);
    }

    public static Form of(@Nullable String formType, String title, Field... fields) {
        return new Form(formType, title, null, List.of(fields));
    }

    public Form instructing(String text) {
        return new Form(formType, title, text, fields);
    }

    /** The form with these values in its fields. */
    public Form filledWith(Submission submission) {
        return new Form(
                formType,
                title,
                instructions,
                fields.stream()
                        .map(field -> field.type() == FieldType.TEXT_PRIVATE || !submission.has(field.var())
                                ? field
                                : field.with(submission.all(field.var())))
                        .toList());
    }

    /** To be filled in. */
    public Element element() {
        return element("form");
    }

    /** To be read only. */
    public Element result() {
        return element("result");
    }

    private Element element(String type) {
        ElementBuilder form = start(type, title, instructions, formType);
        fields.forEach(field -> form.child(field.element(type.equals("form"))));
        return form.build();
    }

    static ElementBuilder start(String type, String title, @Nullable String instructions, @Nullable String formType) {
        ElementBuilder form =
                Element.builder(FormFields.FORM).attr("type", type).child(TITLE, title);
        if (instructions != null) {
            form.child(INSTRUCTIONS, instructions);
        }
        if (formType != null) {
            form.child(Element.builder(FormFields.FIELD)
                    .attr("type", "hidden")
                    .attr("var", FORM_TYPE)
                    .child(FormFields.VALUE, formType)
                    .build());
        }
        return form;
    }

    /**
     * What somebody has sent for this form. Fields that it does not have are ignored.
     *
     * @throws im.dunlin.core.stanza.StanzaException {@code bad-request}, with the reason as text for people
     */
    public Submission submitted(Element submission) {
        if (!"submit".equals(submission.attr("type"))) {
            throw StanzaError.badRequest("a form is submitted").toException();
        }
        List<Element> sent = submission.children(FormFields.FIELD);
        if (sent.size() > MAX_FIELDS) {
            throw StanzaError.badRequest("too many fields").toException();
        }
        Map<String, List<String>> given = new LinkedHashMap<>();
        for (Element field : sent) {
            String var = field.attr("var");
            List<String> values = new ArrayList<>(1);
            field.children(FormFields.VALUE).forEach(value -> values.add(value.text()));
            // Fixed text needs no name, and some clients send it back.
            if (var != null && given.put(var, values) != null) {
                throw StanzaError.badRequest("a field is there twice").toException();
            }
        }
        List<String> type = given.get(FORM_TYPE);
        if (type != null && formType != null && !type.equals(List.of(formType))) {
            throw StanzaError.badRequest("FORM_TYPE must be " + formType).toException();
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Field field : fields) {
            if (field.type() != FieldType.FIXED) {
                values.put(field.var(), field.normal(given.get(field.var())));
            }
        }
        return new Submission(values);
    }
}
