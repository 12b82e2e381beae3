/** The event-sourced entity that stands for one device: what it should serve and what it serves. */
@NullMarked
package dev.heirloom.actors.twin;

import org.jspecify.annotations.NullMarked;
