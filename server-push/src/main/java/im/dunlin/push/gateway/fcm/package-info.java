// SPDX-License-Identifier: Apache-2.0

/** The way out through Google's service, FCM, by its HTTP v1 interface. */
@NullMarked
package im.dunlin.push.gateway.fcm;

import org.jspecify.annotations.NullMarked;
