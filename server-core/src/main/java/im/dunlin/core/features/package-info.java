// SPDX-License-Identifier: Apache-2.0
/** The negotiable features of client streams: TLS, authentication, binding, stream management. */
@NullMarked
package im.dunlin.core.features;

import org.jspecify.annotations.NullMarked;
