/**
 * The teacher as it is read: its graph, the layers that may be factored, and what flows through
 * them.
 */
@NullMarked
package dev.heirloom.inheritance.teacher;

import org.jspecify.annotations.NullMarked;
