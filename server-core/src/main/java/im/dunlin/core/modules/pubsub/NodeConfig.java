// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a node behaves. Immutable.
 *
 * @param values of every field, in normal form
 */
record NodeConfig(Map<NodeField, List<String>> values) {
    static final String CONFIG_FORM = Ns.PUBSUB + "#node_config";
    static final String OPTIONS_FORM = Ns.PUBSUB + "#publish-options";
    private static final Name OPTION = Name.of(Ns.DATA_FORMS, "option");

    /** Of a node of an account of which nothing else is said (XEP-0163 §7). */
    static final NodeConfig USUAL = new NodeConfig(Map.of());

    NodeConfig {
        Map<NodeField, List<String>> all = new EnumMap<>(NodeField.class);
        for (NodeField field : NodeField.values()) {
            all.put(field, values.getOrDefault(field, field.usual()));
        }
        values = Collections.unmodifiableMap(all);
    }

    NodeConfig with(NodeField field, String... value) {
        Map<NodeField, List<String>> changed = new EnumMap<>(values);
        changed.put(field, field.normal(List.of(value)));
        return new NodeConfig(changed);
    }

    /** Changed as the form says; fields that have no effect here are passed over (XEP-0060 §8.2.4). */
    NodeConfig with(FormFields form) {
        Map<NodeField, List<String>> changed = new EnumMap<>(values);
        for (String name : form.names()) {
            NodeField field = NodeField.of(name);
            if (field != null) {
                changed.put(field, field.normal(form.all(name)));
            }
        }
        return new NodeConfig(changed);
    }

    /**
     * Changed as the configuration of another server's node says (XEP-0227 §4.9.1): what cannot be so here is as usual, but for
     * who may read and write.
     *
     * @throws im.dunlin.core.stanza.StanzaException {@code not-acceptable} when that cannot be so
     */
    NodeConfig adopting(FormFields form) {
        NodeConfig changed = this;
        for (String name : form.names()) {
            NodeField field = NodeField.of(name);
            if (field != null) {
                changed = changed.adopting(field, form.all(name));
            }
        }
        return changed;
    }

    private NodeConfig adopting(NodeField field, List<String> value) {
        try {
            return with(field, value.toArray(String[]::new));
        } catch (StanzaException e) {
            if (field == NodeField.ACCESS_MODEL || field == NodeField.PUBLISH_MODEL) {
                throw e;
            }
            return this;
        }
    }

    /** Whether every field of the form is here as it says (XEP-0060 §7.1.5). */
    boolean meets(FormFields preconditions) {
        for (String name : preconditions.names()) {
            NodeField field = NodeField.of(name);
            if (field == null || !of(field).equals(field.normal(preconditions.all(name)))) {
                return false;
            }
        }
        return true;
    }

    // ---- what it says

    private List<String> of(NodeField field) {
        return Objects.requireNonNull(values.get(field));
    }

    private boolean is(NodeField field) {
        return of(field).contains(NodeField.TRUE);
    }

    private String one(NodeField field) {
        List<String> all = of(field);
        return all.isEmpty() ? "" : all.get(0);
    }

    /** Null for a node without. */
    @Nullable
    String title() {
        String title = one(NodeField.TITLE);
        return title.isEmpty() ? null : title;
    }

    AccessModel access() {
        return AccessModel.of(one(NodeField.ACCESS_MODEL));
    }

    List<String> rosterGroups() {
        return of(NodeField.ROSTER_GROUPS);
    }

    /** {@code publishers}, {@code subscribers} or {@code open}. */
    String publishModel() {
        return one(NodeField.PUBLISH_MODEL);
    }

    /** @param most that the server keeps */
    int maxItems(int most) {
        String max = one(NodeField.MAX_ITEMS);
        return max.equals(NodeField.MAX) ? most : Math.min(most, Integer.parseInt(max));
    }

    boolean persists() {
        return is(NodeField.PERSIST_ITEMS);
    }

    boolean notifies() {
        return is(NodeField.DELIVER_NOTIFICATIONS);
    }

    boolean deliversPayloads() {
        return is(NodeField.DELIVER_PAYLOADS);
    }

    boolean sendsLastOnSubscription() {
        return !one(NodeField.SEND_LAST).equals("never");
    }

    boolean sendsLastOnPresence() {
        return one(NodeField.SEND_LAST).equals("on_sub_and_presence");
    }

    boolean notifiesConfig() {
        return is(NodeField.NOTIFY_CONFIG);
    }

    boolean notifiesDelete() {
        return is(NodeField.NOTIFY_DELETE);
    }

    boolean notifiesRetract() {
        return is(NodeField.NOTIFY_RETRACT);
    }

    Message.Type notificationType() {
        return Message.Type.parse(one(NodeField.NOTIFICATION_TYPE));
    }

    // ---- as a form

    /** To be filled in, without what this entity does not have. */
    Element form(List<AccessModel> accessModels) {
        ElementBuilder form = form(CONFIG_FORM, "form");
        for (NodeField field : NodeField.values()) {
            ElementBuilder element = Element.builder(FormFields.FIELD)
                    .attr("var", field.var())
                    .attr("type", field.kind().wire())
                    .attr("label", field.label());
            of(field).forEach(value -> element.child(FormFields.VALUE, value));
            for (String choice : field.choices()) {
                if (field != NodeField.ACCESS_MODEL || accessModels.contains(AccessModel.of(choice))) {
                    element.child(Element.of(OPTION).child(FormFields.VALUE, choice));
                }
            }
            form.child(element.build());
        }
        return form.build();
    }

    /** These fields, as something that is so. */
    Element result(String formType, NodeField... fields) {
        ElementBuilder form = form(formType, "result");
        for (NodeField field : fields) {
            ElementBuilder element = Element.builder(FormFields.FIELD)
                    .attr("var", field.var())
                    .attr("type", field.kind().wire());
            of(field).forEach(value -> element.child(FormFields.VALUE, value));
            form.child(element.build());
        }
        return form.build();
    }

    private static ElementBuilder form(String formType, String type) {
        return Element.builder(FormFields.FORM)
                .attr("type", type)
                .child(Element.of(FormFields.FIELD)
                        .attr("var", "FORM_TYPE")
                        .attr("type", "hidden")
                        .child(FormFields.VALUE, formType));
    }

    // ---- on disk

    /** What is usual is not written, and so is part of the format: it never changes. */
    static void write(ValueWriter out, NodeConfig config) {
        List<NodeField> unusual = config.values.keySet().stream()
                .filter(field -> !config.of(field).equals(field.usual()))
                .toList();
        out.list(unusual, (o, field) -> o.text(field.var()).list(config.of(field), ValueWriter::text));
    }

    static NodeConfig read(ValueReader in) {
        Map<NodeField, List<String>> values = new EnumMap<>(NodeField.class);
        in.list(entry -> {
            NodeField field = NodeField.of(entry.text());
            List<String> texts = entry.list(ValueReader::text);
            if (field != null) {
                values.put(field, List.copyOf(texts));
            }
            return texts;
        });
        return new NodeConfig(values);
    }
}
