// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Binding;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.gateway.PushAddress;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What clients say of their registrations: XEP-0357 {@code <enable/>} and {@code <disable/>}, the same words of others, and within
 * a bind (XEP-0386) the first of them.
 */
public final class RegistrationRequests {
    private static final List<Name> ALL = List.of(
            PushNames.ENABLE,
            PushNames.DISABLE,
            PushNames.PUSH2_ENABLE,
            PushNames.PUSH2_DISABLE,
            PushNames.XABBER_ENABLE,
            PushNames.XABBER_DISABLE);

    private final Set<String> hosts;
    private final Registrations registrations;
    private final Function<String, Registrations.Limits> limits;
    private final BiPredicate<Dialect, String> isSpoken;
    private final Predicate<String> isApp;

    /**
     * @param limits at a domain
     * @param isSpoken whether a dialect is understood at a domain
     * @param isApp whether this server reaches devices of an app by itself
     */
    public RegistrationRequests(
            Setup setup,
            Registrations registrations,
            Function<String, Registrations.Limits> limits,
            BiPredicate<Dialect, String> isSpoken,
            Predicate<String> isApp) {
        this.hosts = setup.config().hosts().keySet();
        this.registrations = registrations;
        this.limits = limits;
        this.isSpoken = isSpoken;
        this.isApp = isApp;
        for (Name name : List.of(PushNames.ENABLE, PushNames.PUSH2_ENABLE, PushNames.XABBER_ENABLE)) {
            setup.iqSet(name, Set.of(Addressee.OWN_ACCOUNT), this::enable);
        }
        for (Name name : List.of(PushNames.DISABLE, PushNames.PUSH2_DISABLE, PushNames.XABBER_DISABLE)) {
            setup.iqSet(name, Set.of(Addressee.OWN_ACCOUNT), this::disable);
        }
        for (Name name : ALL) {
            setup.iqGet(name, Set.of(Addressee.OWN_ACCOUNT), (iq, turn) -> {
                        throw StanzaError.notAllowed().toException();
                    })
                    .iqSet(name, Set.of(Addressee.ACCOUNT), (iq, turn) -> {
                        throw StanzaError.forbidden().toException();
                    });
        }
        setup.bindInline(PushNames.PUSH, Set.of(PushNames.ENABLE), BoundSection.SESSION, this::bind)
                .bindInline(PushNames.PUSH2, Set.of(PushNames.PUSH2_ENABLE), BoundSection.SESSION, this::bind)
                .sessionBound(this::seen)
                .sessionResumed(this::seen);
    }

    private Iq enable(Iq iq, Turn turn) {
        try {
            enable(iq.request(), Objects.requireNonNull(turn.origin()), turn);
            return iq.result();
        } catch (StanzaException e) {
            // Not left to the turn: one that fails keeps nothing, and what is refused counts.
            registrations.refused(limits.apply(turn.jid().domain()), turn);
            return iq.error(e.error());
        }
    }

    private void enable(Element enable, ClientSession session, Turn turn) {
        Registration wanted = Enabling.parse(enable, Devices.of(session, turn), turn);
        if (!isSpoken.test(wanted.dialect(), turn.jid().domain())) {
            throw StanzaError.serviceUnavailable().toException();
        }
        Direct direct = wanted.wishes().direct();
        if (direct != null && !isApp.test(direct.app())) {
            throw StanzaError.itemNotFound().toException();
        }
        if (direct != null && direct.address() instanceof PushAddress.Subscription subscription) {
            String host = subscription.endpoint().getHost();
            if (hosts.stream().anyMatch(own -> host.equalsIgnoreCase(own) || isBelow(host, own))) {
                throw StanzaError.badRequest("an endpoint is elsewhere").toException();
            }
        }
        registrations.enable(wanted, limits.apply(turn.jid().domain()), turn);
    }

    private static boolean isBelow(String host, String own) {
        return host.toLowerCase(Locale.ROOT).endsWith("." + own);
    }

    /** What refuses it stands in {@code <bound/>}: the login does not fail for it. */
    private void bind(Binding binding, Turn turn) {
        Element request = Objects.requireNonNull(binding.request());
        String namespace = request.name().namespace();
        try {
            enable(request, binding.session(), turn);
            binding.answer(Element.of(Name.of(namespace, PushNames.ENABLED.local())));
        } catch (StanzaException e) {
            registrations.refused(limits.apply(turn.jid().domain()), turn);
            binding.answer(Element.of(Name.of(namespace, PushNames.FAILED.local()))
                    .child(Element.of(e.error().condition().element())));
        }
    }

    private Iq disable(Iq iq, Turn turn) {
        Element disable = iq.request();
        if (disable.is(PushNames.PUSH2_DISABLE)) {
            String device = Devices.of(Objects.requireNonNull(turn.origin()), turn);
            registrations.disable(
                    each -> each.dialect() == Dialect.PUSH2 && each.device().equals(device), turn);
            return iq.result();
        }
        Jid service = Enabling.service(disable.attr("jid"), turn);
        @Nullable String node = disable.attr("node");
        registrations.disable(
                each -> each.service().equals(service)
                        && (node == null || each.node().equals(node)),
                turn);
        return iq.result();
    }

    private void seen(ClientSession session, Turn turn) {
        if (registrations.mayHave(turn)) {
            registrations.seen(Devices.of(session, turn), turn);
            registrations.sweep(turn);
        }
    }
}
