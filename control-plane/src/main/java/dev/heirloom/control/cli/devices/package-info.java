/** {@code heirloom devices} and {@code heirloom families}. */
@NullMarked
package dev.heirloom.control.cli.devices;

import org.jspecify.annotations.NullMarked;
