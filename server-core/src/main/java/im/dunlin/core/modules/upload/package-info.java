// SPDX-License-Identifier: Apache-2.0
/** XEP-0363: HTTP File Upload. */
@NullMarked
package im.dunlin.core.modules.upload;

import org.jspecify.annotations.NullMarked;
