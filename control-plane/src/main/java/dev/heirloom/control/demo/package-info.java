/**
 * The whole loop on one machine: rendered shapes, a small teacher, an inheritance, a fleet of
 * processes.
 */
@NullMarked
package dev.heirloom.control.demo;

import org.jspecify.annotations.NullMarked;
