// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.core.config.Checked;
import im.dunlin.core.config.PushApp;
import im.dunlin.push.gateway.webpush.VapidKey;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which keys an app's section must have, and which it may not. */
final class AppSection {
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9.-]{1,155}");
    private static final Pattern TEN = Pattern.compile("[A-Z0-9]{10}");

    private AppSection() {}

    /** @return whether nothing is wrong */
    static boolean check(PushApp app, Checked.Report report) {
        boolean isApple = app.provider() == PushApp.Provider.APNS;
        boolean isWeb = app.provider() == PushApp.Provider.WEB_PUSH;
        boolean hasTeam = app.keyId() != null || app.teamId() != null;
        boolean isRight = expect(report, "keyFile", app.keyFile() != null, "missing");
        isRight &= only(report, "topic", app.topic(), isApple, "apns");
        isRight &= only(report, "keyId", app.keyId(), isApple, "apns");
        isRight &= only(report, "teamId", app.teamId(), isApple, "apns");
        isRight &= only(report, "passwordFile", app.passwordFile(), isApple && !hasTeam, "apns with a .p12 file");
        isRight &= only(report, "contact", app.contact(), isWeb, "web-push");
        if (isApple) {
            isRight &= matches(report, "topic", app.topic(), TOPIC, "the app's bundle id, such as org.example.chat");
        }
        if (isApple && hasTeam) {
            isRight &= matches(report, "keyId", app.keyId(), TEN, "ten capitals and digits");
            isRight &= matches(report, "teamId", app.teamId(), TEN, "ten capitals and digits");
        }
        if (isWeb) {
            isRight &= expect(
                    report,
                    "contact",
                    app.contact() != null && VapidKey.isSubject(app.contact()),
                    app.contact() + " (expected: mailto:you@example.org or https://example.org/)");
        }
        return isRight;
    }

    private static boolean only(
            Checked.Report report, String key, @Nullable Object value, boolean isExpected, String whose) {
        return expect(report, key, value == null || isExpected, "only " + whose + " has it");
    }

    private static boolean matches(
            Checked.Report report, String key, @Nullable String value, Pattern form, String expected) {
        return expect(
                report,
                key,
                value != null && form.matcher(value).matches(),
                (value == null ? "missing" : value) + " (expected: " + expected + ")");
    }

    private static boolean expect(Checked.Report report, String key, boolean isRight, String wrong) {
        if (!isRight) {
            report.wrong(key, wrong);
        }
        return isRight;
    }
}
