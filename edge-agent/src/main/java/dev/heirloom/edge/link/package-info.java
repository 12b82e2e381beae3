/**
 * The agent's connection to the control plane: enrolment, orders, reports, and the bytes of blobs.
 */
@NullMarked
package dev.heirloom.edge.link;

import org.jspecify.annotations.NullMarked;
