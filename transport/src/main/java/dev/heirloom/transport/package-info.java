/** Bridges between remote calls and streams; knows nothing of what travels over them. */
@NullMarked
package dev.heirloom.transport;

import org.jspecify.annotations.NullMarked;
