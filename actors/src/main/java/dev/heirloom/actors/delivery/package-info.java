/** Streams of blob bytes to devices, read only as fast as they are taken. */
@NullMarked
package dev.heirloom.actors.delivery;

import org.jspecify.annotations.NullMarked;
