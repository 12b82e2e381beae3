/** Tests of what is kept for clients. */
@NullMarked
package dev.heirloom.control.tailor;

import org.jspecify.annotations.NullMarked;
