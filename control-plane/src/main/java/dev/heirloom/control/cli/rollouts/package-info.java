/** The commands of {@code heirloom rollouts}. */
@NullMarked
package dev.heirloom.control.cli.rollouts;

import org.jspecify.annotations.NullMarked;
