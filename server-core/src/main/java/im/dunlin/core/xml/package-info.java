// SPDX-License-Identifier: Apache-2.0
/**
 * XML as the server keeps it: immutable elements, and the canonical bytes they are made from.
 *
 * <p>Canonical form (ADR 0006): UTF-8, no prefixes on elements, each element declares its namespace
 * where it differs from its parent's, attributes in single quotes, no CDATA, comments or
 * declarations.
 */
@NullMarked
package im.dunlin.core.xml;

import org.jspecify.annotations.NullMarked;
