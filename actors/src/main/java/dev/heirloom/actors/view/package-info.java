/** The fleet as operators see it: the latest status of every device. */
@NullMarked
package dev.heirloom.actors.view;

import org.jspecify.annotations.NullMarked;
