/** Clients that send what no client should, and others beside them that must not notice. */
@NullMarked
package dev.heirloom.bench.grpc.hostile;

import org.jspecify.annotations.NullMarked;
