// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.externalservices;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.Checked;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.SecretFile;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.config.Setting;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0215: External Service Discovery. Accounts of a host are told of its STUN and TURN servers, with credentials that work for
 * a while. Answered from memory, since a client that was woken by a call needs them at once; nothing changes while the server
 * runs, so nothing is pushed.
 */
public final class ExternalServicesModule implements DiscoNodes {
    public static final String KEY = "external-services";

    private static final String NS = "urn:xmpp:extdisco:2";
    private static final Name SERVICES = Name.of(NS, "services");
    private static final Name CREDENTIALS = Name.of(NS, "credentials");
    private static final Name SERVICE = Name.of(NS, "service");

    /** The services of a host. */
    public record Options(
            @Setting(
                    says = "STUN and TURN servers that clients may use for calls, such as"
                            + " { type: turn, host: turn.example.org, port: 3478, transport: udp }.")
            List<ExternalService> services,

            @Setting(says = "File of the secret that the TURN servers know, as coturn's static-auth-secret.") @Nullable
            SecretFile secretFile,

            @Setting(
                    says = "How long credentials work; a call that is relayed ends with them.",
                    byDefault = "12h",
                    min = 60,
                    max = 30 * 86_400)
            Duration validFor)
            implements Checked {

        public Options {
            services = List.copyOf(services);
        }

        @Override
        public void check(Report report) {
            for (ExternalService service : services) {
                if (service.host() == null || service.host().isBlank()) {
                    report.wrong("services", "a service needs a host");
                } else if (service.type().isRestricted() && secretFile == null) {
                    report.wrong("services", service.type() + " needs a secretFile");
                }
            }
        }
    }

    private final ServerConfig config;

    public ExternalServicesModule(Setup setup) {
        config = setup.config();
        setup.implementing(215, "1.0.0")
                .discoNodes(this, SERVER)
                .iqGet(SERVICES, Set.of(SERVER), this::services)
                .iqGet(CREDENTIALS, Set.of(SERVER), this::credentials);
    }

    /** Said only by hosts that have any. */
    @Override
    public Set<String> features(String domain) {
        return options(domain).services().isEmpty() ? Set.of() : Set.of(NS);
    }

    private Options options(String domain) {
        HostConfig host = config.hosts().get(domain);
        return (host == null ? HostConfig.defaults() : host).options(KEY, Options.class);
    }

    private Iq services(Iq iq, Turn turn) {
        Options options = optionsFor(iq, turn);
        String type = iq.request().attr("type");
        ElementBuilder answer = Element.builder(SERVICES).attrIfPresent("type", type);
        for (ExternalService service : options.services()) {
            if (type == null || type.equals(service.type().toString())) {
                answer.child(describe(service, options, turn));
            }
        }
        return iq.result(answer.build());
    }

    private Iq credentials(Iq iq, Turn turn) {
        Options options = optionsFor(iq, turn);
        Element asked = iq.request().first(SERVICE);
        if (asked == null) {
            throw StanzaError.badRequest("credentials of which service?").toException();
        }
        String host = asked.requireAttr("host");
        String type = asked.requireAttr("type");
        String port = asked.attr("port");
        List<Element> found = options.services().stream()
                .filter(service -> service.type().isRestricted()
                        && host.equals(service.host())
                        && type.equals(service.type().toString())
                        && (port == null || port.equals(Integer.toString(service.port()))))
                .map(service -> describe(service, options, turn))
                .toList();
        if (found.isEmpty()) {
            throw StanzaError.itemNotFound().toException();
        }
        return iq.result(Element.builder(CREDENTIALS).children(found).build());
    }

    /** For accounts of the host itself: relays cost somebody bandwidth. */
    private Options optionsFor(Iq iq, Turn turn) {
        String domain = Objects.requireNonNull(iq.to()).domain();
        Jid from = iq.from();
        if (turn.origin() == null || from == null || !from.domain().equals(domain)) {
            throw StanzaError.forbidden().toException();
        }
        return options(domain);
    }

    private static Element describe(ExternalService service, Options options, Turn turn) {
        ElementBuilder element = Element.builder(SERVICE)
                .attr("type", service.type().toString())
                .attr("host", String.valueOf(service.host()))
                .attr("port", Integer.toString(service.port()))
                .attr("transport", service.transport().toString());
        SecretFile secret = options.secretFile();
        if (service.type().isRestricted() && secret != null) {
            Instant expires = turn.now().plus(options.validFor());
            TurnCredentials credentials =
                    TurnCredentials.of(String.valueOf(turn.jid().local()), expires, secret.secret());
            element.attr("restricted", "true")
                    .attr("username", credentials.username())
                    .attr("password", credentials.password())
                    .attr("expires", credentials.expires());
        }
        return element.build();
    }
}
