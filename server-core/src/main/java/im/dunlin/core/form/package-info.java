// SPDX-License-Identifier: Apache-2.0
/** Forms that people fill in (XEP-0004), what may be in their fields (XEP-0122), and what they have sent (XEP-0068). */
@NullMarked
package im.dunlin.core.form;

import org.jspecify.annotations.NullMarked;
