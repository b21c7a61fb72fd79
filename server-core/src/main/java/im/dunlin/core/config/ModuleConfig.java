// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/**
 * One module of a host.
 *
 * @param enabled whether the host has it
 * @param options its own section, or {@link None}
 */
public record ModuleConfig(boolean enabled, Record options) {

    /** The section of a module that has no options. */
    public record None() {}
}
