/** gRPC calls as Pekko streams, in both directions and on both sides, with flow control. */
@NullMarked
package dev.heirloom.transport.grpc;

import org.jspecify.annotations.NullMarked;
