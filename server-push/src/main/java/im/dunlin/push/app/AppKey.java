// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import com.eatthepath.pushy.apns.auth.ApnsSigningKey;
import im.dunlin.core.config.Checked;
import im.dunlin.core.config.PushApp;
import im.dunlin.push.gateway.PushAddress.Environment;
import im.dunlin.push.gateway.apns.ApnsProfile;
import im.dunlin.push.gateway.fcm.ServiceAccount;
import im.dunlin.push.gateway.webpush.VapidKey;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Objects;

/** What an app's section of the configuration amounts to, its key file read. */
public sealed interface AppKey {
    /** Of an app on Apple's platforms. */
    record Apns(ApnsProfile profile) implements AppKey {}

    /** Of an app that Google's service reaches. */
    record Fcm(ServiceAccount account) implements AppKey {}

    /** Of an app that subscribes to Web Push servers. */
    record WebPush(VapidKey key) implements AppKey {}

    /** Says all that is wrong with a section. */
    static void check(PushApp app, Checked.Report report) {
        if (app.provider() == null) {
            report.wrong("provider", "missing (expected: apns, fcm or web-push)");
            return;
        }
        if (AppSection.check(app, report)) {
            try {
                load(app);
            } catch (UnusableKeyException e) {
                report.wrong("keyFile", String.valueOf(e.getMessage()));
            }
        }
    }

    /** Reads the key of a section that {@link #check} finds nothing wrong with, unless its file has changed since. */
    static AppKey load(PushApp app) throws UnusableKeyException {
        Path file = Objects.requireNonNull(app.keyFile());
        return switch (Objects.requireNonNull(app.provider())) {
            case APNS ->
                new Apns(new ApnsProfile(
                        Objects.requireNonNull(app.topic()), environment(app.environment()), credentials(app, file)));
            case FCM -> {
                try {
                    yield new Fcm(ServiceAccount.parse(KeyFiles.read(file)));
                } catch (IllegalArgumentException e) {
                    throw new UnusableKeyException(file + " is " + e.getMessage());
                }
            }
            case WEB_PUSH -> new WebPush(new VapidKey(KeyFiles.p256(file), Objects.requireNonNull(app.contact())));
        };
    }

    private static Environment environment(PushApp.Environment configured) {
        return switch (configured) {
            case PRODUCTION -> Environment.PRODUCTION;
            case SANDBOX -> Environment.SANDBOX;
        };
    }

    private static ApnsProfile.Credentials credentials(PushApp app, Path file) throws UnusableKeyException {
        if (app.keyId() == null || app.teamId() == null) {
            Path password = app.passwordFile();
            return KeyFiles.certificate(file, password == null ? "" : KeyFiles.password(password));
        }
        try {
            return new ApnsProfile.Credentials.SigningKey(
                    new ApnsSigningKey(app.keyId(), app.teamId(), KeyFiles.p256(file)));
        } catch (GeneralSecurityException e) {
            throw new UnusableKeyException(file + " holds a key that cannot sign");
        }
    }
}
