/** Budgets that are asked for by rules, and which of several askers is heard. */
@NullMarked
package dev.heirloom.actors.budget;

import org.jspecify.annotations.NullMarked;
