/** The command line's calls to a control plane. */
@NullMarked
package dev.heirloom.control.cli.grpc;

import org.jspecify.annotations.NullMarked;
