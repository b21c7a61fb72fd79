// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

/** An iq that asks something, and its id. */
public record Query(String id, String xml) {}
