// SPDX-License-Identifier: Apache-2.0

/** Which devices of an account want to be woken, by which service, and how: what clients enable, and how it is kept. */
@NullMarked
package im.dunlin.push.registration;

import org.jspecify.annotations.NullMarked;
