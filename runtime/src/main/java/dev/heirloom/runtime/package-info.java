/** What runs an heir, on the device and where it is made. */
@NullMarked
package dev.heirloom.runtime;

import org.jspecify.annotations.NullMarked;
