// SPDX-License-Identifier: Apache-2.0

/**
 * {@code push.HOST}: the push service of the operator's own apps, for accounts of this server and of others (XEP-0357). Apps that
 * were made for another app server register in that one's words.
 */
@NullMarked
package im.dunlin.push.service;

import org.jspecify.annotations.NullMarked;
