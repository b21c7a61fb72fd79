// SPDX-License-Identifier: Apache-2.0
/**
 * Brings stanzas to the handlers, steps and sessions that they are for. Knows no XEP: what is done with a stanza is what the
 * modules declared.
 */
@NullMarked
package im.dunlin.core.dispatch;

import org.jspecify.annotations.NullMarked;
