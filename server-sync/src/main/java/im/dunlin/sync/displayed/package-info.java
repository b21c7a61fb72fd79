// SPDX-License-Identifier: Apache-2.0
/** What an account has displayed (XEP-0490) and the read positions of its conversations are one thing. */
@NullMarked
package im.dunlin.sync.displayed;

import org.jspecify.annotations.NullMarked;
