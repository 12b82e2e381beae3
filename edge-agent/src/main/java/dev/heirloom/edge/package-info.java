/**
 * The program on the device: keeps one heir in service, and obeys and informs the control plane.
 */
@NullMarked
package dev.heirloom.edge;

import org.jspecify.annotations.NullMarked;
