// SPDX-License-Identifier: Apache-2.0

/** The way out through Apple's service, APNs, over HTTP/2 by Pushy. */
@NullMarked
package im.dunlin.push.gateway.apns;

import org.jspecify.annotations.NullMarked;
