// SPDX-License-Identifier: Apache-2.0

/** The way out to Web Push servers (RFC 8030, RFC 8292), those of UnifiedPush included. */
@NullMarked
package im.dunlin.push.gateway.webpush;

import org.jspecify.annotations.NullMarked;
