// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/** The SASL mechanisms a configuration may name; the -PLUS forms go with their plain ones. */
public enum OfferedMechanism {
    SCRAM_SHA_512,
    SCRAM_SHA_256,
    SCRAM_SHA_1,
    PLAIN;

    /** The name on the wire, without -PLUS. */
    public String registeredName() {
        return name().replace('_', '-');
    }
}
