// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.invitations.Invitations.Found;
import im.dunlin.core.modules.page.WebFiles;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the browser of somebody with a link shows (XEP-0379 §3.3): who invites, the link for a client, the same as a picture, and
 * clients. Looking at it uses nothing up. It needs no script, loads nothing from elsewhere and tells nobody where it was.
 */
final class InvitationPage {
    private static final String POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'";

    private static final Set<String> READ = Set.of("GET");
    private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final Invitations invitations;
    private final String page = WebFiles.text("invite/invite.html");
    private final String nothing = WebFiles.text("invite/nothing.html");
    private final byte[] style = WebFiles.read("invite/invite.css");

    InvitationPage(Setup setup, Invitations invitations) {
        this.invitations = invitations;
        setup.http(new HttpRoute(InvitationsModule.PATH, READ, HttpRoute.Origins.OWN, this::show))
                .http(new HttpRoute(
                        "/invite.css",
                        READ,
                        HttpRoute.Origins.OWN,
                        exchange -> exchange.respond(
                                HttpResponse.of(HttpResponse.OK, WebFiles.type("invite.css"), style))));
    }

    private void show(HttpExchange exchange) {
        String host = exchange.request().domain();
        String token = exchange.request().path().substring(InvitationsModule.PATH.length());
        if (!TOKEN.matcher(token).matches()) {
            respond(exchange, null, host, token);
        } else {
            invitations.look(host, token, found -> respond(exchange, found, host, token));
        }
    }

    private void respond(HttpExchange exchange, @Nullable Found found, String host, String token) {
        String html = found == null
                ? nothing.replace("{{host}}", escaped(host))
                : filled(found, token, system(exchange.request().header("user-agent")));
        exchange.respond(HttpResponse.of(
                        found == null ? HttpResponse.NOT_FOUND : HttpResponse.OK,
                        "text/html; charset=utf-8",
                        html.getBytes(StandardCharsets.UTF_8))
                .with("Content-Security-Policy", POLICY)
                .with("Referrer-Policy", "no-referrer")
                .with("Cache-Control", "no-store")
                .with("X-Robots-Tag", "noindex"));
    }

    private String filled(Found found, String token, String system) {
        Invitation invitation = found.invitation();
        String inviter = "<strong>" + escaped(found.inviter().toString()) + "</strong>";
        String host = escaped(invitation.host());
        String says = switch (invitation.purpose()) {
            case CONTACT -> inviter + " invites you to chat.";
            case CONTACT_OR_ACCOUNT ->
                inviter + " invites you to chat. If you have no account yet, the link makes one at " + host + ".";
            case ACCOUNT -> "You are invited to make an account at <strong>" + host + "</strong>.";
            case ACCOUNT_AND_CONTACT -> inviter + " invites you to make an account at " + host + " and to chat.";
        };
        String uri = found.uri(token);
        return page.replace("{{system}}", system)
                .replace("{{expires}}", DAY.format(Micros.toInstant(invitation.expires())))
                .replace("{{qr}}", QrSvg.of(uri))
                .replace("{{uri}}", escaped(uri))
                .replace("{{host}}", host)
                // Last, as it holds what people have chosen.
                .replace("{{says}}", says);
    }

    /** For which system clients come first in the list; the style sheet knows it. */
    private static String system(@Nullable String userAgent) {
        String agent = userAgent == null ? "" : userAgent;
        if (agent.contains("Android")) {
            return "android";
        }
        return agent.contains("iPhone") || agent.contains("iPad") ? "ios" : "desktop";
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
