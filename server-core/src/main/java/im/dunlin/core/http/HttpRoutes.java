// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

import org.jspecify.annotations.Nullable;

/** All routes of all hosts. Any thread. */
@FunctionalInterface
public interface HttpRoutes {
    /** The route of this host that is meant by the path. */
    @Nullable
    HttpRoute find(String domain, String path);
}
