// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;

/**
 * What a module does when a session is bound together with others' wishes (XEP-0386), in the turn that binds it, behind the
 * steps of {@link Setup#sessionBound}.
 *
 * <p>A step that throws is left out: the bind runs again without it, and nothing of it stands in {@code <bound/>}.
 */
@FunctionalInterface
public interface BindStep {
    void apply(Binding binding, Turn turn);
}
