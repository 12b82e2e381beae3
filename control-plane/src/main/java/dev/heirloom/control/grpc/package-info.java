/**
 * The gRPC services of the control plane and the clients that this repository's programs call them
 * with.
 */
@NullMarked
package dev.heirloom.control.grpc;

import org.jspecify.annotations.NullMarked;
