// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

/** A disco identity (XEP-0030 §3.1). */
public record Identity(String category, String type, String name) {}
