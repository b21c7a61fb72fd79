// SPDX-License-Identifier: Apache-2.0

/**
 * How a push leaves: {@link im.dunlin.push.gateway.Gateway} and its ways out. Knows neither accounts nor events; what is
 * sent was decided and written by others.
 */
@NullMarked
package im.dunlin.push.gateway;

import org.jspecify.annotations.NullMarked;
