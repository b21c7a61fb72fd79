// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import org.jspecify.annotations.Nullable;

/** A host as it is seen over HTTP. */
public record WebConfig(
        @Setting(
                says =
                        "Where the host is reached over HTTP, such as https://chat.example.org, for instance behind a proxy."
                                + " Without it: its own name, and the port of the first listener for HTTPS.")
        @Nullable
        String url)
        implements Checked {

    @Override
    public void check(Report report) {
        if (url != null && !HttpConfig.isOrigin(url)) {
            report.wrong("url", url + " (expected: scheme, name and port such as https://chat.example.org)");
        }
    }
}
