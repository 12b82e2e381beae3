/** Heirs assembled for clients, kept for the next one who asks for the same. */
@NullMarked
package dev.heirloom.control.tailor;

import org.jspecify.annotations.NullMarked;
