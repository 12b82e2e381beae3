/** A family in the making, kept in memory until all of it is known. */
@NullMarked
package dev.heirloom.inheritance.draft;

import org.jspecify.annotations.NullMarked;
