/**
 * The control plane: one process that knows the fleet, keeps its families and decides every
 * device's rung.
 */
@NullMarked
package dev.heirloom.control;

import org.jspecify.annotations.NullMarked;
