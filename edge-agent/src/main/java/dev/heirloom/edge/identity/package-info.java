/** What a device is known by: its key, what it asks to be certified, and its certificate. */
@NullMarked
package dev.heirloom.edge.identity;

import org.jspecify.annotations.NullMarked;
