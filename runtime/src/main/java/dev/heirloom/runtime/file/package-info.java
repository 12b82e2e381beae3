/** Files that survive a power loss, or were never there. */
@NullMarked
package dev.heirloom.runtime.file;

import org.jspecify.annotations.NullMarked;
