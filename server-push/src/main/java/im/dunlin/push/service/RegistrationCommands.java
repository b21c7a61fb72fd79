// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.form.Submission;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Command;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.push.app.Apps;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How devices register with the service: in the words that Conversations' clients know of its app server (p2), and in those that
 * Tigase's know of its push component. A form comes with the first request, and the device is registered with the answer.
 */
final class RegistrationCommands {
    /** What may be asked of Tigase's clients, and has room at every provider. */
    private static final String MAX_PAYLOAD = "3000";

    private final Apps apps;
    private final Targets targets;
    private final BiPredicate<Jid, String> mayRegister;

    /** @param mayRegister whether whoever asks may, at a host */
    RegistrationCommands(Setup setup, Apps apps, Targets targets, BiPredicate<Jid, String> mayRegister) {
        this.apps = apps;
        this.targets = targets;
        this.mayRegister = mayRegister;
        conversations(setup, "fcm", Apps.Provider.FCM);
        conversations(setup, "apns", Apps.Provider.APNS);
        setup.command(
                        new OneForm(
                                () -> true,
                                "register-device",
                                "Register a device for pushes",
                                this::tigaseForm,
                                this::registerTigase),
                        PushServiceModule.SUBDOMAIN)
                .command(
                        new OneForm(
                                () -> true,
                                "unregister-device",
                                "Unregister a device",
                                this::tigaseForm,
                                this::unregisterTigase),
                        PushServiceModule.SUBDOMAIN);
    }

    private void conversations(Setup setup, String name, Apps.Provider provider) {
        BooleanSupplier isThere = () -> apps.first(provider) != null;
        setup.command(
                        new OneForm(
                                isThere,
                                "register-push-" + name,
                                "Register a device for pushes",
                                () -> conversationsForm(true),
                                (form, call, turn) -> registerConversations(provider, form, call, turn)),
                        PushServiceModule.SUBDOMAIN)
                .command(
                        new OneForm(
                                isThere,
                                "unregister-push-" + name,
                                "Unregister a device",
                                () -> conversationsForm(false),
                                this::unregisterConversations),
                        PushServiceModule.SUBDOMAIN);
    }

    /** A command that asks once. */
    private final class OneForm implements Command {
        private final BooleanSupplier isThere;
        private final String node;
        private final String name;
        private final Supplier<Form> form;
        private final CommandStep.Submitted then;

        OneForm(BooleanSupplier isThere, String node, String name, Supplier<Form> form, CommandStep.Submitted then) {
            this.isThere = isThere;
            this.node = node;
            this.name = name;
            this.form = form;
            this.then = then;
        }

        @Override
        public String node() {
            return node;
        }

        @Override
        public boolean isThere() {
            return isThere.getAsBoolean();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isFor(Jid asker, String host, Turn turn) {
            return asker.local() != null && mayRegister.test(asker, host);
        }

        @Override
        public CommandStep begin(CommandCall call, Turn turn) {
            return CommandStep.lastForm(form.get(), then);
        }
    }

    // ---- Conversations
    // -----------------------------------------------------------------------------------------------

    private static Form conversationsForm(boolean isRegistering) {
        List<Field> fields = new ArrayList<>();
        if (isRegistering) {
            fields.add(Field.text("token", "Token of the device").mandatory());
        }
        // The newer name, and the one that came before it.
        fields.add(Field.text("device-id", "Id of the device"));
        fields.add(Field.text("android-id", "Id of the device, as it was called before"));
        fields.add(
                isRegistering
                        ? Field.jid("muc", "Room that it is for, if not the account")
                        : Field.text("channel", "Room that it was for, as pushes name it"));
        return Form.of(null, "Pushes", fields.toArray(Field[]::new));
    }

    private CommandStep registerConversations(Apps.Provider provider, Submission form, CommandCall call, Turn turn) {
        Apps.App app = apps.first(provider);
        if (app == null) {
            throw StanzaError.itemNotFound().toException();
        }
        BareJid account = call.asker().bare();
        String device = deviceId(form);
        Jid room = form.jid("muc");
        Targets.Node node = targets.node(account, conversationsDevice(room == null ? account : room.bare(), device));
        Target known = targets.get(node, turn);
        String secret = known == null || known.secret() == null ? turn.randomId() : known.secret();
        targets.put(
                node,
                new Target(
                        Target.Dialect.CONVERSATIONS,
                        room == null ? account.domain() : room.domain(),
                        account.toString(),
                        app.key(),
                        form.text("token"),
                        null,
                        fingerprint(account, device),
                        room == null ? null : fingerprint(room.bare(), device),
                        secret,
                        Micros.of(turn.now())),
                turn);
        return CommandStep.done(result("jid", turn.jid().toString(), "node", node.text(), "secret", secret));
    }

    private CommandStep unregisterConversations(Submission form, CommandCall call, Turn turn) {
        BareJid account = call.asker().bare();
        String fingerprint = fingerprint(account, deviceId(form));
        String channel = form.one("channel");
        targets.removeIf(
                account,
                each -> fingerprint.equals(each.fingerprint()) && Objects.equals(channel, each.channel()),
                turn);
        return new CommandStep.Done(null, List.of());
    }

    private static String deviceId(Submission form) {
        String device = form.one("device-id") == null ? form.one("android-id") : form.one("device-id");
        if (device == null) {
            throw StanzaError.badRequest("which device?").toException();
        }
        return device;
    }

    private static String conversationsDevice(BareJid subject, String device) {
        return "conversations\0" + subject + "\0" + device;
    }

    /** By which the app finds the account or room without its provider learning it. */
    private static String fingerprint(BareJid subject, String device) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1")
                    .digest((subject + "\0" + device).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    // ---- Tigase
    // ------------------------------------------------------------------------------------------------------

    private Form tigaseForm() {
        return Form.of(
                null,
                "Pushes",
                Field.text("provider", "Provider").mandatory(),
                Field.text("device-token", "Token of the device").mandatory(),
                Field.text("device-second-token", "Token of the device for calls"));
    }

    private CommandStep registerTigase(Submission form, CommandCall call, Turn turn) {
        Apps.App app = app(form.text("provider"));
        BareJid account = call.asker().bare();
        String token = form.text("device-token");
        Targets.Node node = targets.node(account, tigaseDevice(app, token));
        targets.put(
                node,
                new Target(
                        Target.Dialect.TIGASE,
                        account.domain(),
                        account.toString(),
                        app.key(),
                        token,
                        form.one("device-second-token"),
                        null,
                        null,
                        null,
                        Micros.of(turn.now())),
                turn);
        return CommandStep.done(result("node", node.text(), "max-payload-size", MAX_PAYLOAD));
    }

    private CommandStep unregisterTigase(Submission form, CommandCall call, Turn turn) {
        Apps.App app = app(form.text("provider"));
        targets.remove(targets.node(call.asker().bare(), tigaseDevice(app, form.text("device-token"))), turn);
        return new CommandStep.Done(null, List.of());
    }

    /** Of its key, or the first of the provider that the client means. */
    private Apps.App app(String provider) {
        Apps.App app = apps.find(provider);
        for (Apps.Provider each : Apps.Provider.values()) {
            if (app == null && provider.equals(PushServiceModule.tigaseId(each))) {
                app = apps.first(each);
            }
        }
        if (app == null || app.provider() == Apps.Provider.WEB_PUSH) {
            throw StanzaError.itemNotFound().toException();
        }
        return app;
    }

    private static String tigaseDevice(Apps.App app, String token) {
        return "tigase\0" + app.key() + "\0" + token;
    }

    private static Element result(String... fields) {
        ElementBuilder form = Element.builder(FormFields.FORM).attr("type", "result");
        for (int i = 0; i < fields.length; i += 2) {
            form.child(Element.of(FormFields.FIELD).attr("var", fields[i]).child(FormFields.VALUE, fields[i + 1]));
        }
        return form.build();
    }
}
