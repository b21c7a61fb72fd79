// SPDX-License-Identifier: Apache-2.0

/**
 * A small HTTPS client that can be pointed at what strangers name: it connects to addresses it has checked, follows nothing
 * and reads little.
 */
@NullMarked
package im.dunlin.push.gateway.https;

import org.jspecify.annotations.NullMarked;
