// SPDX-License-Identifier: Apache-2.0
/** XEP-0377: what users report when they block somebody, kept for the operator. */
@NullMarked
package im.dunlin.core.modules.reports;

import org.jspecify.annotations.NullMarked;
