/** What people write, read. */
@NullMarked
package dev.heirloom.runtime.text;

import org.jspecify.annotations.NullMarked;
