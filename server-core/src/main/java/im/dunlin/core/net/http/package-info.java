// SPDX-License-Identifier: Apache-2.0
/** HTTP/1.1 (RFC 9112) on the listeners for it: one request at a time, judged before anybody else sees it. */
@NullMarked
package im.dunlin.core.net.http;

import org.jspecify.annotations.NullMarked;
