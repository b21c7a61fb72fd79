// SPDX-License-Identifier: Apache-2.0

/**
 * What a push says: a {@link im.dunlin.push.payload.Notice} is written for a {@link im.dunlin.push.payload.Recipient} in the
 * form of the provider that carries it. Knows neither who is to be woken nor how bytes reach a provider.
 */
@NullMarked
package im.dunlin.push.payload;

import org.jspecify.annotations.NullMarked;
