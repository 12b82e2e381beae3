/** The control plane's hold on the fleet's actors: what its gRPC and HTTP sides ask and hear. */
@NullMarked
package dev.heirloom.control.fleet;

import org.jspecify.annotations.NullMarked;
