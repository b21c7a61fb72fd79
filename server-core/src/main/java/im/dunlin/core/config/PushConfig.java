// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The operator's apps, whose devices the server wakes by itself; the same for all hosts. */
public record PushConfig(
        @Setting(
                says = "The apps, each under a key of your choice by which clients name it, such as"
                        + " android: { provider: fcm, keyFile: service-account.json }. Devices of other apps are woken by the"
                        + " services that those apps name.")
        Map<String, PushApp> apps,

        @Setting(
                says = "Addresses, not public, that Web Push endpoints may have all the same, such as of a UnifiedPush"
                        + " server in your own network. Otherwise the server connects to public addresses at port 443"
                        + " only.")
        List<AddressRange> webPushAddresses)
        implements Checked {

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public PushConfig {
        apps = RecordBinder.ordered(apps);
        webPushAddresses = List.copyOf(webPushAddresses);
    }

    @Override
    public void check(Report report) {
        for (String key : apps.keySet()) {
            if (!KEY.matcher(key).matches()) {
                report.wrong("apps", key + " (expected: at most 64 letters, digits, dots and dashes)");
            }
        }
    }
}
