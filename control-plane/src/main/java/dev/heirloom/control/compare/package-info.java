/** {@code heirloom compare}: heirs beside students, the published method and 8 bits. */
@NullMarked
package dev.heirloom.control.compare;

import org.jspecify.annotations.NullMarked;
