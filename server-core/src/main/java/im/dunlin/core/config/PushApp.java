// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An app of the operator's, and the key with which its devices are reached. What the keys must be is checked where they are used. */
public record PushApp(
        @Setting(says = "Who carries pushes to its devices: apns, fcm or web-push.") @Nullable
        Provider provider,

        @Setting(
                says = "File of the key, which only the server may read. apns: the key of your team (.p8), or the app's"
                        + " certificate with its key (.p12). fcm: the key of the service account (.json). web-push: a PEM"
                        + " file with an EC key on P-256. Read again when it changes.")
        @Nullable
        Path keyFile,

        @Setting(says = "apns with a .p12 file: file with its password, which only the server may read.") @Nullable
        Path passwordFile,

        @Setting(says = "apns: the app's bundle id; calls go to the same with .voip.") @Nullable
        String topic,

        @Setting(says = "apns with a .p8 file: the key's id, ten characters.") @Nullable
        String keyId,

        @Setting(says = "apns with a .p8 file: your team's id, ten characters.") @Nullable
        String teamId,

        @Setting(
                says = "apns: of devices that do not say of which they are; production or sandbox.",
                byDefault = "production")
        Environment environment,

        @Setting(says = "web-push: how operators of push servers reach you, mailto:you@example.org or a page at https.")
        @Nullable
        String contact) {

    /** Who carries pushes to devices. */
    public enum Provider {
        APNS,
        FCM,
        WEB_PUSH
    }

    /** The two APNs that there are. */
    public enum Environment {
        PRODUCTION,
        SANDBOX
    }
}
