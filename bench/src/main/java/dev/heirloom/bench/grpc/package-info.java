/** Peers that benchmarks talk to over gRPC, and those that they measure. */
@NullMarked
package dev.heirloom.bench.grpc;

import org.jspecify.annotations.NullMarked;
