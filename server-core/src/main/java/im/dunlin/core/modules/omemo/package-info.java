// SPDX-License-Identifier: Apache-2.0
/** XEP-0384: where clients keep the keys of end-to-end encryption. */
@NullMarked
package im.dunlin.core.modules.omemo;

import org.jspecify.annotations.NullMarked;
