// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.gateway.PushAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a device is that this server wakes by itself, with no push service in between: by an app of the configuration.
 *
 * @param address null once its provider said that it reaches nobody
 * @param callAddress for calls, where the app has a token of its own for them that reaches somebody
 */
public record Direct(String app, @Nullable PushAddress address, PushAddress.@Nullable Token callAddress) {
    private static final Name APP = Name.of(PushNames.OWN, "app");
    private static final Name TOKEN = Name.of(PushNames.OWN, "token");
    private static final Name CALL_TOKEN = Name.of(PushNames.OWN, "call-token");
    private static final Name ENDPOINT = Name.of(PushNames.OWN, "endpoint");

    /** Of APNs in hexadecimal digits, of FCM in what base64url has, and colons. */
    private static final Pattern TOKEN_TEXT = Pattern.compile("[A-Za-z0-9:_-]{32,4096}");

    private static final Pattern APP_TEXT = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private static final int MAX_ENDPOINT = 1_000;

    /**
     * @param settings of a client; null if it names no app
     * @throws StanzaException {@code bad-request} for an app without an address that there can be
     */
    static @Nullable Direct of(Element settings) {
        String app = settings.text(APP);
        if (app == null) {
            if (settings.has(TOKEN) || settings.has(CALL_TOKEN) || settings.has(ENDPOINT)) {
                throw StanzaError.badRequest("of which app?").toException();
            }
            return null;
        }
        if (!APP_TEXT.matcher(app).matches()) {
            throw StanzaError.badRequest("no such app").toException();
        }
        if (settings.has(ENDPOINT) && (settings.has(TOKEN) || settings.has(CALL_TOKEN))) {
            throw StanzaError.badRequest("an app has tokens or an endpoint").toException();
        }
        Element endpoint = settings.first(ENDPOINT);
        return new Direct(
                app,
                endpoint == null ? token(settings.first(TOKEN)) : endpoint(endpoint.text()),
                token(settings.first(CALL_TOKEN)));
    }

    /** The settings of a client without what it said of an address. */
    static Element without(PushAddress gone, Element settings) {
        Direct said = of(settings);
        if (said == null) {
            return settings;
        }
        boolean isForCalls = gone.equals(said.callAddress());
        return Element.of(settings.name())
                .children(settings.children().stream()
                        .filter(child -> !(child.is(CALL_TOKEN) && isForCalls
                                || (child.is(TOKEN) || child.is(ENDPOINT)) && gone.equals(said.address())))
                        .toList());
    }

    private static PushAddress.@Nullable Token token(@Nullable Element token) {
        if (token == null) {
            return null;
        }
        String text = token.text().strip();
        if (!TOKEN_TEXT.matcher(text).matches()) {
            throw StanzaError.badRequest("no such token").toException();
        }
        String environment = token.attr("environment");
        return new PushAddress.Token(
                text,
                environment == null
                        ? null
                        : switch (environment) {
                            case "production" -> PushAddress.Environment.PRODUCTION;
                            case "sandbox" -> PushAddress.Environment.SANDBOX;
                            default ->
                                throw StanzaError.badRequest("an environment is production or sandbox")
                                        .toException();
                        });
    }

    /** Where it leads is looked at whenever something is sent there. */
    private static PushAddress endpoint(String text) {
        try {
            URI endpoint = new URI(text.strip());
            if (text.length() > MAX_ENDPOINT
                    || !"https".equals(endpoint.getScheme())
                    || endpoint.getHost() == null
                    || endpoint.getRawUserInfo() != null
                    || endpoint.getRawFragment() != null) {
                throw StanzaError.badRequest("an endpoint is https, of at most " + MAX_ENDPOINT + " octets")
                        .toException();
            }
            return new PushAddress.Subscription(endpoint);
        } catch (URISyntaxException e) {
            throw StanzaError.badRequest("an endpoint is a URL").toException();
        }
    }

    /** A Web Push server takes nothing that is not encrypted. */
    boolean needsKey() {
        return address instanceof PushAddress.Subscription;
    }

    @Override
    public String toString() {
        return "device of app " + app;
    }
}
