/**
 * A simulation of the next step beyond one leader: shards whose events are ordered by cuts
 * (docs/scale.md). No part of the hub. {@link io.tidings.cuts.CutLog} is the order itself and could
 * become part of it; {@link io.tidings.cuts.Shard}, {@link io.tidings.cuts.OrderLog} and {@link
 * io.tidings.cuts.MergingReader} are the roles, with messages, delays and faults but without disks;
 * {@link io.tidings.cuts.History} judges, {@link io.tidings.cuts.CompareOrders} prints the tables.
 */
package io.tidings.cuts;
