/** Tests of the bridges over an in-process channel. */
@NullMarked
package dev.heirloom.transport.grpc;

import org.jspecify.annotations.NullMarked;
